"""Fuzz targets: one module per family of parsers, each with `TestOneInput(data)` that may raise nothing.

A target may name inputs worth starting from in `seeds() -> list[bytes]`. Importing one needs no atheris.
"""
