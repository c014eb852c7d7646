"""Parts of the composition root: each joins what one thing needs."""
