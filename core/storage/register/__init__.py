"""Writes the register, and lets history and waiting cases know of each change."""
