"""What crosses between nations: peering, envelopes, border entries and their replication. Bytes in, events out."""
