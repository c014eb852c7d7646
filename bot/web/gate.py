"""Keeps one address from sending in form after form, and from having mail after mail sent to somebody.

What it keeps is a hash, and only while it matters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import Connection

from bot.web.forms import keyed_hash
from bot.web.problems import Hindered, VisitProblem
from core.api import networks_of
from notifications.database import Transactions
from notifications.slack.pacing import Pace, forget_rested, take

# A person who makes mistakes sends a form some times; an office behind one address, some forms.
FORMS = Pace(timedelta(seconds=30), 20)
PREFIX = "web "


@dataclass(frozen=True)
class Gate:
    """Lets a visitor's address through at a pace, shared by all processes."""

    database: Transactions
    secret_key: str
    now: Callable[[], datetime]

    async def pass_through(self, request: Request) -> None:
        """Count one form of the visitor's address. Raises Hindered for too many."""
        networks = networks_of(request.client.host if request.client else "")
        await self._count({each: Pace(FORMS.interval / n, FORMS.burst * n) for n, each in enumerate(networks, 1)})

    async def count(self, what: str, whose: str, pace: Pace) -> None:
        """Count one of something, of whoever it is about, at a pace of its own. Raises Hindered for too many."""
        await self._count({f"{what} {whose}": pace})

    async def _count(self, paces: Mapping[str, Pace]) -> None:
        at = self.now()
        named = {PREFIX + keyed_hash(self.secret_key, "web visitors", about): paces[about] for about in paces}

        def count(connection: Connection) -> Pace | None:
            # Nobody's address is kept for longer than it counts.
            forget_rested(connection, PREFIX, at)
            # The narrowest network is asked first: what it is refused costs its neighbours nothing.
            return next((pace for name, pace in named.items() if not take(connection, name, pace, at)), None)

        if (refused := await self.database.write(count)) is not None:
            raise Hindered(VisitProblem.TOO_MANY, refused.interval)
