"""Servers, processes and files that tests run on."""
