"""Everything that goes out unasked: cards, nudges and mail."""
