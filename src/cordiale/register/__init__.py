"""Typed records kept jointly inside a room; here so far the causal order that folds use."""
