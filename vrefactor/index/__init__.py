"""The index: the facts of a whole tree, linked: who defines, declares, includes, uses."""
