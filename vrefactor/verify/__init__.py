"""Object files before and after: how a tree is built, building it, comparing what comes out."""
