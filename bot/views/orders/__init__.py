"""Modals about a case: the order form, decisions, questions, and the whole order."""
