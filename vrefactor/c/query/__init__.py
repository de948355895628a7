"""Questions about one file, asked by those who rewrite it."""
