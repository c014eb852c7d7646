"""Holds what Slack shows against what the database says, and mends what differs."""
