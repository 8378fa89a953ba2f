"""Activities of nations as volumes in space and time: conflicts, synergies, gaps, and their exchange formats. See METHOD.md."""
