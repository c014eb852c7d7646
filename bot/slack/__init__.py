"""What comes in from Slack: the route, who presses, and how a person is answered."""
