"""The sandbox as a person uses its page, for whole stories: press, submit, type, look."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from core.api import CaseId

T = TypeVar("T")
Json = dict[str, Any]
# Only what never comes takes this long.
PATIENCE = 60.0


def until(
    look: Callable[[], T | None], *, what: str, instead: Callable[[], object] = str, seconds: float = PATIENCE
) -> T:
    """What `look` finds, as soon as it finds something; the relay posts in its own time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}; there is instead: {instead()}")


def texts(part: object) -> Iterator[str]:
    """Every text in a message or view, in order."""
    if isinstance(part, dict):
        for key, value in part.items():
            # What a button says to those who hear it tells which of several it is.
            if key in {"text", "accessibility_label"} and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from texts(each)


def elements(part: object) -> Iterator[tuple[Json, Json]]:
    """Every element that can be pressed, with the block it stands in."""
    blocks = part.get("blocks") if isinstance(part, dict) else part
    for block in blocks or []:
        found = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        yield from ((block, each) for each in found if isinstance(each, dict) and "action_id" in each)


def says(part: object) -> str:
    """Everything that stands in a message or view, as one text."""
    return "\n".join(texts(part))


def runs(part: object) -> str:
    """The same with nothing between pieces, as a sentence whose names stand out is read."""
    return "".join(texts(part))


@dataclass(frozen=True)
class Slack:
    """The sandbox over HTTP. `tick` lets the product's clock do what is due; `homes` says where people are at home."""

    http: httpx.Client
    tick: Callable[[], None] = lambda: None
    homes: dict[str, str] = field(default_factory=dict[str, str])

    def person(self, user: str) -> "Person":
        """Somebody who acts, in the workspace of which they are."""
        if not self.homes:
            workspaces = self.http.get("/sandbox/world").json()["workspaces"]
            self.homes.update({user["id"]: each["id"] for each in workspaces for user in each["users"]})
        return Person(self, user, self.homes[user])

    def ask(self, path: str, **body: object) -> Json:
        """A call of the page's API."""
        answer = self.http.post(f"/sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log(self) -> Json:
        """Everything that went either way."""
        return self.http.get("/sandbox/log").json()

    @contextmanager
    def frozen(self, method: str = "chat.update") -> Iterator[None]:
        """Slack takes no call of a method for a while, so that what stands there grows stale.

        It asks for patience: of errors, a few in a row, the product would say that Slack does not answer.
        """
        self.faults(faults=[{"kind": "ratelimited", "method": method, "retry_after": 1}])
        yield
        self.faults(faults=[])

    def faults(self, **plan: object) -> None:
        """Plan what goes wrong."""
        assert self.http.put("/sandbox/faults", json=plan).status_code == 200


@dataclass(frozen=True)
class Person:
    """One person at the page."""

    slack: Slack
    user: str
    team: str

    def _ask(self, path: str, **body: object) -> Json:
        return self.slack.ask(path, team=self.team, user=self.user, **body)

    def state(self) -> Json:
        return self.slack.http.get("/sandbox/state", params={"team": self.team, "user": self.user}).json()

    def messages(self) -> list[Json]:
        """What the person sees in every conversation."""
        found = (each for where in self.state()["conversations"] for each in where["messages"])
        return [each for each in found if not each.get("deleted")]

    def message(self, *words: str) -> Json:
        """The latest message that holds all the words, waited for."""
        return until(lambda: self._latest(words), what=f"a message with {words} to {self.user}", instead=self._heard)

    def card(self, action: str, *words: str) -> Json:
        """The latest message that holds all the words, waited for until it offers an action."""

        def offering() -> Json | None:
            found = self._latest(words)
            return found if found and action in self.acts(found) else None

        return until(offering, what=f"a message with {words} and {action} to {self.user}", instead=self._heard)

    def hears_nothing_of(self, *words: str) -> bool:
        """True when no message holds all the words now."""
        return self._latest(words) is None

    def _heard(self) -> str:
        return "\n---\n".join(says(each) for each in self.messages())

    def _latest(self, words: tuple[str, ...]) -> Json | None:
        found = [each for each in self.messages() if all(word in says(each) for word in words)]
        return max(found, key=lambda each: float(each["ts"]), default=None)

    def press(self, part: Json, action: str, **choice: object) -> Json:
        """Press an element of a message or view by its action id."""
        block, element = self._element(part, action)
        place = {"view_id": part["id"]} if "id" in part else {"channel": part["channel"], "ts": part["ts"]}
        value = {"value": element["value"]} if "value" in element else {}
        return self._ask("press", **place, block_id=block["block_id"], action_id=action, **value, **choice)

    def press_home(self, action: str) -> None:
        """Press on the home tab as it stands, again when it was redrawn under the finger."""

        def pressed() -> bool:
            view = self.state()["home"]
            block, element = self._element(view, action)
            place = {"team": self.team, "user": self.user, "view_id": view["id"], "value": element["value"]}
            body = {**place, "block_id": block["block_id"], "action_id": action}
            return self.slack.http.post("/sandbox/press", json=body).status_code == 200

        until(pressed, what=f"a press on {action} by {self.user}")

    def acts(self, part: Json) -> list[str]:
        """The action ids that a message or view offers, by a button or in the menu beside the buttons."""
        return [*self.offered(part), *(f"kp.{each}" for each in self.offered_more(part))]

    def act(self, part: Json, action: str) -> Json:
        """Press the button of an action, or choose it in the menu."""
        is_button = action in self.offered(part)
        return self.press(part, action) if is_button else self.choose_more(part, action.removeprefix("kp."))

    def choose_more(self, part: Json, action: str) -> Json:
        """Choose an action in the menu beside the buttons."""
        for block, element in elements(part):
            for each in element.get("options", ()) if element["type"] == "overflow" else ():
                if each["value"].endswith(f"|{action}"):
                    place = {"view_id": part["id"]} if "id" in part else {"channel": part["channel"], "ts": part["ts"]}
                    chosen = {"type": "overflow", "selected_option": each}
                    spot = {"block_id": block["block_id"], "action_id": element["action_id"]}
                    return self._ask("press", **place, **spot, selected=chosen)
        raise AssertionError(f"no {action} among {self.offered_more(part)}")

    def offered_more(self, part: Json) -> list[str]:
        """The actions in the menus of a message or view."""
        menus = (element for _, element in elements(part) if element["type"] == "overflow")
        return [each["value"].rpartition("|")[2] for menu in menus for each in menu["options"]]

    def offered(self, part: Json) -> list[str]:
        """The action ids that can be pressed in a message or view."""
        return [element["action_id"] for _, element in elements(part)]

    def _element(self, part: Json, action: str) -> tuple[Json, Json]:
        for block, element in elements(part):
            if element["action_id"] == action:
                return block, element
        raise AssertionError(f"no {action} among {self.offered(part)}")

    def modal(self, *words: str) -> Json:
        """The top modal, waited for, holding all the words."""

        def top() -> Json | None:
            stack = self.state()["modals"]
            return stack[-1] if stack and all(word in says(stack[-1]) for word in words) else None

        return until(top, what=f"a modal with {words} for {self.user}")

    def modals(self) -> list[Json]:
        """The open modals, the last on top."""
        return self.state()["modals"]

    def choose(self, part: Json, action: str, value: str, **form: Json) -> Json:
        """Choose an option of a menu that tells us at once; `form` is what else is filled in, by block id."""
        _, element = self._element(part, action)
        return self.press(part, action, selected=_state(element, option(value)), values=_states(part, form))

    def type(self, view: Json, block_id: str, words: str) -> Json:
        """Type in a field that tells of each character, here of all of them at once."""
        action = next(each["element"]["action_id"] for each in view["blocks"] if each["block_id"] == block_id)
        selected = {"type": "plain_text_input", "value": words}
        spot = {"view_id": view["id"], "block_id": block_id, "action_id": action}
        return self._ask("press", **spot, selected=selected)

    def submit(self, view: Json, **values: Json) -> Json:
        """Submit a modal: by block id, what its one element says."""
        return self._ask("submit", view_id=view["id"], values=_states(view, values))

    def close_all(self) -> None:
        """Close every modal, as pressing the cross does."""
        for view in reversed(self.modals()):
            self._ask("close", view_id=view["id"])

    def command(self, text: str = "", command: str = "/kundportal") -> Json:
        channel = self.state()["conversations"][0]["id"]
        return self._ask("command", channel=channel, command=command, text=text)

    def shortcut(self, callback_id: str = "kp_new_order") -> Json:
        return self._ask("shortcut", callback_id=callback_id)

    def home(self, *words: str) -> Json:
        """Open the home tab and wait for it to hold the words."""
        self.opens_home()
        return self.home_now(*words)

    def opens_home(self) -> int:
        """Open the home tab; the status the product answered with."""
        return self._ask("home")["status"]

    def home_now(self, *words: str) -> Json:
        """The home tab as it stands, waited for."""

        def shown() -> Json | None:
            view = self.state()["home"]
            return view if view and all(word in says(view) for word in words) else None

        return until(shown, what=f"a home tab with {words} for {self.user}", instead=lambda: says(self.state()["home"]))

    def search(self, view: Json, action: str, value: str) -> Json:
        """Type in an external select."""
        block, _ = self._element(view, action)
        return self._ask("options", view_id=view["id"], block_id=block["block_id"], action_id=action, value=value)


def _states(view: Json, values: dict[str, Json]) -> Json:
    found = {block["block_id"]: element for block, element in elements(view)}
    assert values.keys() <= found.keys(), f"{view['callback_id']} has {list(found)}, not all of {list(values)}"
    return {block: {found[block]["action_id"]: _state(found[block], said)} for block, said in values.items()}


def _state(element: Json, said: Json) -> Json:
    """The state of an element, options whole as Slack sends them."""
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    listed = {each["value"]: each for group in groups for each in group["options"]}
    whole = {"type": element["type"]} | said
    if "selected_option" in said:
        whole["selected_option"] = listed.get(said["selected_option"]["value"], _unlisted(said["selected_option"]))
    if "selected_options" in said:
        whole["selected_options"] = [listed[each["value"]] for each in said["selected_options"]]
    return whole


def _unlisted(chosen: Json) -> Json:
    return {"text": {"type": "plain_text", "text": chosen["value"], "emoji": False}, "value": chosen["value"]}


def text(value: str) -> Json:
    """A text field filled in."""
    return {"value": value}


def option(value: str) -> Json:
    """An option chosen."""
    return {"selected_option": {"value": value}}


def options(*values: str) -> Json:
    """Boxes ticked."""
    return {"selected_options": [{"value": each} for each in values]}


def case_in(message: Json) -> CaseId:
    """The case that a message's buttons point at."""
    value = next(element["value"] for _, element in elements(message) if element.get("value"))
    return CaseId(value.split("|")[2])
