"""What a desk is: it reads one domain's data, finds, explains, and drafts records that a person releases."""
