"""Storing accounts, API keys, personal links and proofs."""
