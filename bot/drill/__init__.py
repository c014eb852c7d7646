"""Drills: whether the product keeps its promises while everything around it fails, under load."""
