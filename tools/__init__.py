"""The house's own checks; no part of the product."""
