"""Records out of a register and into it: one module for each format, and one table of them (`formats`)."""
