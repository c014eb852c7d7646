"""What comes in from Slack: each listener translates, hands over and acknowledges."""
