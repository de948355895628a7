"""Bytes in, bytes out: trees, edits and their one applier, diffs, quilt series."""
