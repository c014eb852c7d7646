"""Purging what is kept no longer, and exporting what is stored about one person."""
