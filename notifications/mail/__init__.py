"""Mail: what one is, the server that takes it, and the server's health."""
