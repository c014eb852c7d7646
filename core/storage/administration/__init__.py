"""Keeping an organisation: its reads and its commands, written with the register's own writers."""
