"""Purging what is kept no longer, and exporting what is stored about one person.

How long each kind is kept stands in `core/audit/retention.py`.
"""
