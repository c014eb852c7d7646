"""Wrong keys and refused reach: each is written down, and whoever keeps on is asked to wait."""

import logging
import math
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import Request

from core.http.ports import Beside
from core.http.statuses import TooManyRefused, status_of
from core.ports.api_keys import ApiKeys, KeyHolder
from core.ports.cases import Now
from core.shared.errors import OrderError
from core.shared.networks import networks_of

log = logging.getLogger(__name__)

# An Authorization header, and the id of the key that it names.
NAMED = re.compile(r"(?i:bearer) +kp_(K[0-9A-Z]{10})(?:_|$)")
NOTHING = timedelta(0)
# How much is remembered: what was met longest ago goes first, so nobody fills the memory.
REMEMBERED = 10_000
# Who is not let in, and who may not reach so far.
TURNED_AWAY = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True)
class Allowance:
    """One failure each `interval`; whoever has rested has `burst` of them."""

    interval: timedelta
    burst: int


# Of an address and of a key: a program that was given a wrong one tries some times before somebody looks.
FAILURES = Allowance(timedelta(seconds=30), 20)
# Of lines in history, from everywhere at once: nobody fills that either, from however many addresses.
LINES = Allowance(timedelta(seconds=10), 100)


class Failures:
    """How far each of those who failed has used up an allowance, in this process: when it is whole again."""

    def __init__(self, allowance: Allowance, remembered: int = REMEMBERED) -> None:
        self._allowance = allowance
        self._remembered = remembered
        self._whole_at = OrderedDict[str, datetime]()

    def __len__(self) -> int:
        return len(self._whole_at)

    def count(self, names: Mapping[str, int], at: datetime) -> timedelta:
        """Count one failure of all of these, each of which has so many allowances; or none of any, and for how long
        one of them has to wait.
        """
        interval, burst = self._allowance.interval, self._allowance.burst
        whole_at = {name: max(self._whole_at.get(name, at), at) for name in names}
        margins = {name: interval / times * (burst * times - 1) for name, times in names.items()}
        wait = max(each - margins[name] - at for name, each in whole_at.items())
        if wait > NOTHING:
            return wait
        for name, each in whole_at.items():
            self._whole_at[name] = each + interval / names[name]
            self._whole_at.move_to_end(name)
        while len(self._whole_at) > self._remembered:
            self._whole_at.popitem(last=False)
        return NOTHING


class TurnedAway:
    """Notes whom the API turns away, in the log and in history, at a pace for each address and for each key.

    Only failures are counted and only failures wait: a right key is answered whatever others do with its name.
    """

    def __init__(self, keys: ApiKeys, beside: Beside, now: Now) -> None:
        self._keys = keys
        self._beside = beside
        self._now = now
        self._failures = Failures(FAILURES)
        self._lines = Failures(LINES)

    def answered(self, request: Request, refusal: OrderError) -> OrderError:
        """What is answered in the place of a refusal: itself, or that this was once too often."""
        if status_of(type(refusal)) not in TURNED_AWAY:
            return refusal
        held: KeyHolder | None = getattr(request.state, "held", None)
        key = held.key if held is not None else key_named(request.headers.get("authorization", ""))
        host, at = request.client.host if request.client else "", self._now()
        names = {f"address {network}": times for times, network in enumerate(networks_of(host), 1)}
        names |= {} if key is None else {f"key {key}": 1}
        wait = self._failures.count(names, at)
        if wait > NOTHING:
            return TooManyRefused(seconds=math.ceil(wait.total_seconds()))
        log.warning("api_call_refused code=%s key=%s address=%s", refusal.code, key or "", host)
        # A refusal about an order has a line of its own, which says more.
        is_told = getattr(request.state, "is_noted", False)
        if not is_told and self._lines.count({"all": 1}, at) == NOTHING:
            self._beside(self._keys.note_refused(key, refusal.code, held, at))
        return refusal


def key_named(authorization: str) -> str | None:
    """Return the id that an Authorization header names, whether or not there is such a key; its secret stays behind."""
    found = NAMED.match(authorization)
    return None if found is None else found[1]
