"""The work of whoever is signed in, as pages: the same acts, views and forms as in Slack."""
