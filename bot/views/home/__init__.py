"""The home tab, and what the bare command answers."""
