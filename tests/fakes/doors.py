"""What stands behind a door in its test: ports that answer what was prepared, and a Slack that remembers."""

import inspect
from dataclasses import dataclass, field

from notifications.slack.slack_errors import Never


class FakePort:
    """A port of which only some methods are there: each answers what was prepared for it.

    An exception is raised, a function is asked; `asked` holds the calls in order: a name, and what was given.
    """

    def __init__(self, **answers):
        self._answers = answers
        self.asked = []

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._answers:
            raise AttributeError(f"nobody expected to be asked for {name}")
        return lambda *given, **named: self._asked(name, *given, **named)

    async def _asked(self, name, *given, **named):
        self.asked.append((name, *given, *named.values()))
        answer = self._answers[name]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(*given, **named)
        return await answer if inspect.isawaitable(answer) else answer


def asked_of(port):
    """Which methods of a port were asked, in order."""
    return [name for name, *_ in port.asked]


@dataclass
class FakeScreens:
    """Implements what is used of the gateway: `shown` holds what people see, in order: how, to whom or where, and what.

    `refused` are tokens that Slack does not take any more, `hashes` what modals are at by their ids: an update with
    another one is refused.
    """

    shown: list = field(default_factory=list)
    refused: set = field(default_factory=set)
    hashes: dict = field(default_factory=dict)

    def is_refused(self, token):
        return token in self.refused

    async def open_view(self, token, trigger, view):
        self.shown.append(("open", trigger, view))

    async def push(self, token, trigger, view):
        self.shown.append(("push", trigger, view))

    async def update_view(self, token, view_id, view, *, view_hash=None):
        if view_hash not in (None, self.hashes.setdefault(view_id, view_hash)):
            raise Never("hash_conflict")
        self.hashes[view_id] = f"h{len(self.shown) + 1}"
        self.shown.append(("update", view_id, view))
        return self.hashes[view_id]

    async def publish(self, token, user, view):
        self.shown.append(("home", user, view))

    async def respond(self, url, body):
        self.shown.append(("respond", url, body))

    async def post(self, token, *, channel, text, blocks):
        self.shown.append(("message", channel, text))


@dataclass
class FakeAfterCommit:
    """Stands for what follows a press: `told` holds what began, in order."""

    told: list = field(default_factory=list)

    @property
    def pressed(self):
        return self

    @property
    def homes(self):
        return self

    @property
    def follow_up(self):
        return self

    def follow_press(self, by, pointer, place, done):
        self.told.append(("counted", done))

    def adopt_unknown(self, pointer, place, known):
        self.told.append(("noticed", pointer.case))

    def repaint(self, pointer, place):
        self.told.append(("painted anew", pointer.case))

    def redraw(self, by):
        self.told.append(("home", by.user))

    def wake(self):
        self.told.append(("woken",))

    def accounts_changed(self, by):
        self.told.append(("accounts", by.user))

    def register_changed(self, by):
        self.told.append(("register", by.user))

    def rights_changed(self, by):
        self.told.append(("rights", by.user))


class Ack:
    """How a listener acknowledged: `said` is None until it has."""

    said = None

    async def __call__(self, **said):
        self.said = said
