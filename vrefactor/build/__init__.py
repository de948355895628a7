"""How a tree is built: a database, a table, or the configuration of a FreeBSD kernel."""
