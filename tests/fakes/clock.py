"""Time as tests have it: it stands until it is moved."""

from datetime import timedelta


class FakeClock:
    """A clock that moves when it is told to. To write `at` sets it, as somebody may set a server's."""

    def __init__(self, at):
        self.at = at
        self.passed = timedelta()

    def __call__(self):
        return self.at

    def forward(self, **time):
        """Let time pass."""
        self.at += timedelta(**time)
        self.passed += timedelta(**time)

    def elapsed(self):
        """So many seconds have passed, however the clock was set."""
        return self.passed.total_seconds()
