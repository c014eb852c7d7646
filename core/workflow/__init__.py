"""How a case runs: what may happen to it, who may decide it, who is asked, and what a decision makes of it."""
