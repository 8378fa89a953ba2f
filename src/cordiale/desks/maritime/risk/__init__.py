"""Who a vessel is, on which lists it stands, and what speaks for looking at it more closely: points with evidence."""
