"""Modals and home tabs: each person's stack of at most three views, and the home tab the app published."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field, replace

from bot.sandbox.block_kit.elements import Former, first_state, merged, with_former
from bot.sandbox.config import SandboxWorkspace
from bot.sandbox.refusals import SlackRefusal
from bot.sandbox.shapes import Json, State
from bot.sandbox.world.journal import Journal
from bot.sandbox.world.world import Clock

STACK = 3


@dataclass(frozen=True, kw_only=True)
class View:
    """A view as the app sent it, with ids filled in. `team` is the workspace of the app that made it.

    `former` are the blocks it had before, the latest first: somebody may just be pressing what they showed.
    """

    id: str
    team: SandboxWorkspace
    user: str
    sent: Json
    hash: str
    root: str
    previous: str | None = None
    values: State = field(default_factory=dict)
    errors: dict[str, str] | None = None
    former: Former = ()

    @property
    def blocks(self) -> list[Json]:
        return self.sent["blocks"]

    @property
    def is_home(self) -> bool:
        return self.sent["type"] == "home"

    def says(self, name: str) -> bool:
        return bool(self.sent.get(name))


class Views:
    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.stacks: dict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}
        self.homes_seen: set[str] = set()
        self._journal = journal
        self._clock = clock

    def find(self, view_id: str) -> View | None:
        return next((view for view in self._all() if view.id == view_id), None)

    def find_external(self, team: str, external_id: str) -> View | None:
        return next(
            (view for view in self._all() if view.team.id == team and view.sent.get("external_id") == external_id), None
        )

    def open(self, team: SandboxWorkspace, user: str, sent: Json) -> View:
        """Open a modal; it takes the place of whatever the person had open."""
        if self.stacks[user]:
            self.clear(user)
        view = self._new(team, user, sent)
        self.stacks[user] = [view]
        self._tell("view_opened", view)
        return view

    def push(self, team: SandboxWorkspace, user: str, sent: Json) -> View:
        """Lay a modal on those the person has open; refuse the fourth with push_limit_reached."""
        stack = self.stacks[user]
        if len(stack) >= STACK:
            raise SlackRefusal("push_limit_reached")
        view = replace(self._new(team, user, sent), root=stack[0].id, previous=stack[-1].id)
        stack.append(view)
        self._tell("view_pushed", view)
        return view

    def publish(self, team: SandboxWorkspace, user: str, sent: Json, expected: str | None) -> View:
        """Set a person's home tab; a hash that is no longer the present one is refused as hash_conflict."""
        old = self.homes.get(user)
        if old is None:
            return self.put(self._new(team, user, sent), "home")
        return self.update(old, sent, expected)

    def update(self, view: View, sent: Json, expected: str | None = None) -> View:
        """Put new content in a view; what was chosen stays where the same block and action are still there."""
        if expected and expected != view.hash:
            raise SlackRefusal("hash_conflict")
        values = merged(first_state(sent["blocks"]), view.values)
        former = with_former(view.former, view.blocks)
        changed = replace(view, sent=sent, hash=self._hash(), values=values, errors=None, former=former)
        return self.put(changed, "home" if view.is_home else "view_updated")

    def put(self, view: View, tell: str | None = None) -> View:
        """Keep a changed view in the place of the old one, and tell the page if it should be drawn anew."""
        if view.is_home:
            self.homes[view.user] = view
        else:
            stack = self.stacks[view.user]
            self.stacks[view.user] = [view if one.id == view.id else one for one in stack]
        if tell:
            self._tell(tell, view)
        return view

    def close(self, view: View) -> list[View]:
        """Close a view with all that lies on it. Gives what was closed."""
        stack = self.stacks[view.user]
        index = [one.id for one in stack].index(view.id)
        closed, self.stacks[view.user] = stack[index:], stack[:index]
        for one in reversed(closed):
            self._journal.tell(view.user, "view_closed", view_id=one.id)
        return closed

    def clear(self, user: str) -> list[View]:
        closed = self.stacks.pop(user, [])
        self._journal.tell(user, "views_cleared")
        return closed

    def forget(self) -> None:
        self.stacks.clear()
        self.homes.clear()
        self.homes_seen.clear()

    def _all(self) -> list[View]:
        return [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]

    def _new(self, team: SandboxWorkspace, user: str, sent: Json) -> View:
        name = "V0" + secrets.token_hex(5).upper()
        values = first_state(sent["blocks"])
        return View(id=name, team=team, user=user, sent=sent, hash=self._hash(), root=name, values=values)

    def _hash(self) -> str:
        return f"{int(self._clock())}.{secrets.token_hex(4)}"

    def _tell(self, kind: str, view: View) -> None:
        self._journal.tell(view.user, kind, view=view_for_page(view))


def view_for_page(view: View) -> Json:
    sent = view.sent
    return {
        "id": view.id,
        "type": sent["type"],
        "title": sent.get("title"),
        "submit": sent.get("submit"),
        "close": sent.get("close"),
        "blocks": view.blocks,
        "callback_id": sent.get("callback_id", ""),
        "private_metadata": sent.get("private_metadata", ""),
        "hash": view.hash,
        "notify_on_close": view.says("notify_on_close"),
        "clear_on_close": view.says("clear_on_close"),
        "submit_disabled": view.says("submit_disabled"),
        "state": {"values": view.values},
        **({"errors": view.errors} if view.errors else {}),
    }


def view_for_app(view: View, app_id: str) -> Json:
    """Return a view as Slack shows it to the app, in answers and in payloads."""
    sent = view.sent
    return {
        "id": view.id,
        "team_id": view.team.home_of(view.user),
        "type": sent["type"],
        "blocks": view.blocks,
        "private_metadata": sent.get("private_metadata", ""),
        "callback_id": sent.get("callback_id", ""),
        "external_id": sent.get("external_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": sent.get("title"),
        "submit": sent.get("submit"),
        "close": sent.get("close"),
        "clear_on_close": view.says("clear_on_close"),
        "notify_on_close": view.says("notify_on_close"),
        "submit_disabled": view.says("submit_disabled"),
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "app_id": app_id,
        "app_installed_team_id": view.team.id,
        "bot_id": view.team.bot_id,
    }
