"""Forms for both doors, Slack and the web: what each asks and offers, how it is read, and how a no is said."""
