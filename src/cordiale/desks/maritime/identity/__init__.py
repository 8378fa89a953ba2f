"""Who vessels say they are, over time: what each MMSI sent of itself, and what in it cannot be or changed at sea."""
