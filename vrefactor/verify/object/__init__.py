"""Object files: what is in them."""
