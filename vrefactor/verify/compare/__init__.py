"""Two objects compared: are they the same, and why not."""
