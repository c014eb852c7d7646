"""What people see of the bot in Slack alone: the home tab, notices, whole orders, what an organisation has."""
