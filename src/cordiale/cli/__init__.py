"""The command line: commands and rendering."""
