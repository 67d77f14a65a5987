"""The same client for async code: one set of verbs, of command lines and of parsers under both."""
