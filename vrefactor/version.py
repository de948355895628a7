"""The version of the program: one place for the package, the cache and the command line."""

__version__ = "0.1.0"
