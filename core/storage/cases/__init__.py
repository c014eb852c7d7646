"""Writes cases: each with its row of history and the cards that it owes, in one transaction."""
