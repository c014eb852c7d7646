"""What can be asked of the core. One use case, one transaction."""
