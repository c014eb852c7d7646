"""Cases, people and offers in SQLite or PostgreSQL."""
