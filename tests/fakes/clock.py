"""Time as tests have it: it stands until it is moved."""

from datetime import timedelta


class FakeClock:
    """A clock that moves when it is told to."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def forward(self, **time):
        self.at += timedelta(**time)
