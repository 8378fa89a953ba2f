"""What a desk is."""
