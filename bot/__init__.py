"""Everything that comes in from Slack, and the place where all parts are joined."""
