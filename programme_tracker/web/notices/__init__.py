"""The inbox: notices as their recipients may read them."""
