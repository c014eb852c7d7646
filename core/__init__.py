"""The case and its rules: what an order is, who may decide it, and what follows."""
