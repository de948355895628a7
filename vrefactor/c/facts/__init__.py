"""What one file says, as data that can be kept: computed from its bytes alone."""
