"""Cordiale: sovereign nations talk, share and decide together, labelled and provable."""

__version__ = "0.1.0"
