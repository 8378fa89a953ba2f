"""RFC 9420, Messaging Layer Security: sans-IO, copy-on-write, with a public group that holds no secrets."""
