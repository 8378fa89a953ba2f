"""The composition root: reads settings and joins ports to adapters."""
