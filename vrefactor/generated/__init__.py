"""C that we make: each construct rendered, recognised and upgraded in one place."""
