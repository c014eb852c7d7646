"""What people see of the bot at any door: the home page, notices, whole orders, what an organisation has."""
