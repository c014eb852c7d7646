"""Listeners about orders: the order form, presses, modals, and reading without deciding."""
