"""What people do, sent to the app as Slack sends it: presses, submissions, commands, events."""
