"""Serving the product over HTTP: limits of connections, headers of every answer, background tasks."""
