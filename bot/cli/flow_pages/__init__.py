"""What may happen, told from the tables to people who read no tables: docs/flows.sv.md."""
