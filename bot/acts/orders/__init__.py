"""Acts on orders: reading them, ordering, deciding by the table of flows, changing, and ending what is had."""
