"""Parsing, and what a node of the syntax tree means."""
