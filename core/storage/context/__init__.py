"""What is read around a case to decide on it: people's authority, agreements, offers, and how cases are stored."""
