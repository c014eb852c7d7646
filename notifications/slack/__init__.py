"""Slack as this product uses it: calls and what they ask of us, workspaces, and where people are found there."""
