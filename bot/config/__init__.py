"""What an operator decides through the environment, checked once, with everything wrong named in one message."""
