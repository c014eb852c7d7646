"""The demo: made-up organisations, people and prices, and the small Slack they meet in."""
