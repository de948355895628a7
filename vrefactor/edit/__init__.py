"""What every step needs to write: one draft of a plan, and the places in a file."""
