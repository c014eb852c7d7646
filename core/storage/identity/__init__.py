"""Where accounts, keys, links and proofs live."""
