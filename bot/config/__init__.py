"""The operator's settings: read from the environment, checked once, everything wrong named in one message."""
