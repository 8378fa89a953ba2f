"""What everything speaks of: parties, identifiers, moments. Pure values, no I/O."""
