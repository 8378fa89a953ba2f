"""The recognised picture: where each vessel was last, what stands found, what partners have shared; in the forms others read."""
