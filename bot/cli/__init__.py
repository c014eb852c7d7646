"""The command `kundportal`: its menu, and a module for each group of commands."""
