"""What every room of the core stands on: the stored words, refusals, ids and days."""
