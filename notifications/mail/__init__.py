"""Mail as this product uses it: what a mail is, the server that takes it, and how that is."""
