"""Reading what others recorded or send: NMEA 0183, CSV of several publishers, JSON lines. Nothing is dropped in silence."""
