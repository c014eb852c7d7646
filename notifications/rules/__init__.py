"""Who hears what: the tables of announcements, and whom their rows mean."""
