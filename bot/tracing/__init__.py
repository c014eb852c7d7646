"""Traces: which spans there are, what they may say, and how they leave for whoever runs this."""
