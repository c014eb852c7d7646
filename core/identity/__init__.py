"""Who somebody is: accounts elsewhere, proofs of e-identification, links made for one person."""
