"""Both databases behind one door: connections, transactions, prepared statements, and what errors may tell."""
