"""What one reader may know of a case: the record with every name, and the views that are made of it."""
