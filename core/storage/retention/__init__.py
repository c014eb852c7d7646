"""Takes away what is kept no longer, and gathers what is stored about one person."""
