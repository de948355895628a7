"""vrefactor: static source rewriting that virtualises the globals of a C network stack."""

__version__ = "0.1.0"
