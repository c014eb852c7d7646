"""Loads and saves cases: each with its history and the cards that it owes, in one transaction."""
