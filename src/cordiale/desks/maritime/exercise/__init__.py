"""EXERCISE: made-up traffic in the Channel and on its Atlantic approaches, with behaviours whose truth is known.

Everything in it is marked: names begin with EXERCISE, MMSIs end in 99nnnn (branch A of a flag's range that is used for
nothing else here), IMO numbers begin with 2, where no ship has been numbered. The same seed makes the same files.
"""
