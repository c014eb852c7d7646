"""What screens, cards and lists read."""
