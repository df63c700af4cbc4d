"""A colleague's word to victim safety."""
