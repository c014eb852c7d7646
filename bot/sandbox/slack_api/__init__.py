"""Slack's Web API as the sandbox answers it: one call from token to answer."""
