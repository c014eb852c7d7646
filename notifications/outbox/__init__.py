"""The outbox: which cards are owed, taken on lease, carried at Slack's pace, and what became of each."""
