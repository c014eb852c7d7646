"""Which Slack account stands for which person: found by e-mail, offered, confirmed or declined."""
