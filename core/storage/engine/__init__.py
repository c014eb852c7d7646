"""Two databases behind one door: connections, transactions, statements that stay prepared, and what errors may tell."""
