"""Side-by-side benchmarks against named peers: `python -m bench.NAME [--quick] [--json]`, one module each.

A benchmark is a module of this package with a `BENCHMARK`; `python -m bench` runs them all and writes docs/benchmarks.md.
"""
