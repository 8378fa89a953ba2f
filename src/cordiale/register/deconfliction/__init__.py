"""Private deconfliction: two nations learn in which cells and days two plans meet, before anything else is revealed.

shape, cells     what a plan occupies: H3 cells × days, never too few
grid             a cell and a bin of days as one integer; coarse grids from fine ones
terms, record    what both agree on before a run; what both log of it after; how much is too much
blinding         commitment, points, padding, tags: everything that a run's secret seed determines
message          what crosses, parsed strictly
phase, run       the protocol as a table, and its frozen state
seat             one person's end of a run: signed bytes in, events out
audit            a party opens its inputs; the run is repeated and compared
"""
