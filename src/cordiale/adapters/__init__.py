"""One class per port: HTTP, SQLite, clock, keystore."""
