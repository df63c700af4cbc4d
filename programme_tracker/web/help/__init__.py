"""Help: a page for each role, with pictures of the product as it is."""
