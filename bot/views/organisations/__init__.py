"""Modals about an organisation: itself, its people and roles, what it has, and absence."""
