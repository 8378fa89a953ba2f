"""What one vessel does: the per-vessel state machine, its detectors, and the findings made of what they emit.

`detectors` is the table of all of them, `profile` their thresholds, `vessel` the state, `stage` the pass over positions.
"""
