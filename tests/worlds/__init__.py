"""Worlds: two governments on a fake clock and a fake network in one process, with the real stores, nodes and agents."""
