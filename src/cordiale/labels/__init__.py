"""Confidentiality labels, national policies as data, equivalence and the release decision."""
