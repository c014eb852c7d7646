"""Cards: where each message stands, who reads it, and what it says now."""
