"""From the bytes of a file to text that a parser takes: tokens, conditionals, variants."""
