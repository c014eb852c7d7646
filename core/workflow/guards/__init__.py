"""The named conditions of the flows table: each answers with the refusal that it makes, or with nothing."""
