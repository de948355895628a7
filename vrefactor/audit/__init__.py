"""What is not virtualised yet, or not safely: readers of a tree that change nothing."""
