"""The C front end: lexing, conditionals, variants, parsing and binding of one file.

Facts are computed from the bytes of one file alone, so that files can be read in
parallel and cached by content.  This package is the only importer of tree-sitter.
"""
