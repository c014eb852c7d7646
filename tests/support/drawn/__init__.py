"""Everything that can be drawn, and how tests read it."""
