"""What can be ordered, and what it costs."""
