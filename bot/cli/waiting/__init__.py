"""What waits: whom a case waits for, and which messages are owed, or gone."""
