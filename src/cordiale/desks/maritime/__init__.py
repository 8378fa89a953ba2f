"""The recognised maritime picture from AIS: tracks, behaviour, risk. Defensive awareness only. See METHOD.md."""
