"""The file-scope variables of a tree: what each is, how it is used, what to do with it."""
