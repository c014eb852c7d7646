"""The engine of both databases: connections, transactions, prepared statements, and what errors may tell."""
