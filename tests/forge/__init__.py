"""A forge: it builds what the public API refuses to build, and says whether anything took it."""
