"""The worker's door: due work, claimed in small batches."""
