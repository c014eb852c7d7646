"""What is told of a week: who gets a report, once, and where the picture of its chart lies."""
