"""What is kept of what happened: audit records, their seals, how long they are kept, and their replay."""
