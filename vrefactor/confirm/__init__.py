"""What a real compiler front end, libclang, says of each candidate; the only room that uses it."""
