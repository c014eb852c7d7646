"""Payloads as Slack sends them: its own samples, with the ids of whoever presses put in."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SAMPLES = Path(__file__).parents[1] / "slack" / "payloads"


class NotInTheSample(Exception):
    """Slack's sample has no such key: a payload here would be of a shape that Slack does not send."""


@dataclass(frozen=True)
class Account:
    """Who acts, towards the app of which Slack (`app`), from which one (`home`), and where an answer goes."""

    app: str
    home: str
    user: str
    app_id: str
    channel: str
    trigger: str
    response_url: str

    @property
    def is_org_wide(self) -> bool:
        """True where the app is in all workspaces of an Enterprise organisation."""
        return self.app.startswith("E")


def press(by: Account, action_id: str, value: str) -> Json:
    """A button of a message."""
    done = {"action_id": action_id, "block_id": "b", "value": value, "type": "button", "action_ts": "1764000000.1"}
    place = {"type": "message", "channel_id": by.channel, "message_ts": "1764000000.000100", "is_ephemeral": False}
    made = _of(by, "BlockActionPayload", left_out={"view", "app_unfurl", "function_data", "bot_access_token"})
    made |= {"response_url": by.response_url, "container": place}
    return made | {"channel": {"id": by.channel, "name": "directmessage"}, "actions": [done]}


def submission(by: Account, view: Json, values: Json) -> Json:
    """A form that is sent. Through a shared channel its team is that of whoever sends it, and the view names ours."""
    made = _of(by, "ViewSubmissionPayload", left_out={"function_data", "bot_access_token"})
    shared = {} if by.is_org_wide else {"team": _filled(made["team"], id=by.home, domain="theirs")}
    return made | shared | {"view": _filled(made["view"], **_view(by, view), state={"values": values})}


def search(by: Account, view: Json, action_id: str, typed: str) -> Json:
    """What somebody types in a menu of a form; Slack has no sample of it, and its page describes it so."""
    made = _of(by, "ViewSubmissionPayload", left_out={"function_data", "bot_access_token", "is_cleared", "trigger_id"})
    shown = _filled(made["view"], **_view(by, view), state={"values": {}})
    place = {"type": "view", "view_id": shown["id"]}
    asked = {"action_id": action_id, "block_id": action_id, "value": typed, "container": place}
    return made | {"type": "block_suggestion", "view": shown} | asked


def shortcut(by: Account, callback_id: str) -> Json:
    """A global shortcut: as one of a message, without what is about the message."""
    about_a_message = {"message_ts", "response_url", "message", "channel"}
    made = _of(by, "MessageShortcutPayload", left_out=about_a_message)
    return made | {"type": "shortcut", "callback_id": callback_id}


def command(by: Account, name: str, text: str) -> Json:
    """A slash command; what an Enterprise organisation does not concern is not among its fields."""
    where = {"channel_id": by.channel, "channel_name": "directmessage", "command": name, "text": text}
    who = {"user_id": by.user, "user_name": "cecilia", "team_id": by.home, "team_domain": "theirs"}
    made = _filled(_sample("SlashCommandPayload"), **where, **who, api_app_id=by.app_id)
    made |= {"trigger_id": by.trigger, "response_url": by.response_url}
    if by.is_org_wide:
        return made | {"enterprise_id": by.app, "is_enterprise_install": "true"}
    outside = {"enterprise_id", "enterprise_name"}
    return {key: each for key, each in made.items() if key not in outside} | {"is_enterprise_install": "false"}


def home_opened(by: Account) -> Json:
    """The app is opened."""
    made = _event(by, "AppHomeOpenedPayload")
    happened = _filled(made["event"], user=by.user, channel=by.channel, tab="home", event_ts="1764000000.1")
    return made | {"event": {key: each for key, each in happened.items() if key != "view"}}


def user_change(by: Account, *, email: str, **standing: bool) -> Json:
    """Something about an account is otherwise."""
    made = _event(by, "UserChangePayload")
    user = made["event"]["user"]
    changed = _filled(user, id=by.user, team_id=by.home, profile=_filled(user["profile"], email=email), **standing)
    return made | {"event": made["event"] | {"user": changed}}


def _of(by: Account, name: str, left_out: set[str]) -> Json:
    made = _filled(_sample(name), trigger_id=by.trigger, token="unused")
    # Shortcuts, and they alone, do not say of which app they are.
    made |= {"api_app_id": by.app_id} if "api_app_id" in made else {}
    user = _filled(made["user"], id=by.user, name="cecilia", team_id=by.home)
    team, enterprise = _filled(made["team"], id=by.app, domain="theirs"), None
    for key in ("enterprise_id", "enterprise_name"):
        del team[key]
    if by.is_org_wide:
        team, enterprise = None, {"id": by.app, "name": "Region Exempel"}
    made |= {"user": user, "team": team, "enterprise": enterprise, "is_enterprise_install": by.is_org_wide}
    return {key: each for key, each in made.items() if key not in left_out}


def _event(by: Account, name: str) -> Json:
    made = _filled(_sample(name), team_id=by.home, api_app_id=by.app_id, type="event_callback", event_id="Ev01")
    team, enterprise = (None, by.app) if by.is_org_wide else (by.app, None)
    ours = {"enterprise_id": enterprise, "team_id": team, "user_id": "U0BOT", "is_bot": True}
    made["authorizations"] = [ours | {"is_enterprise_install": by.is_org_wide}]
    made["is_ext_shared_channel"] = by.app != by.home and not by.is_org_wide
    return made | {"enterprise_id": enterprise}


def _view(by: Account, view: Json) -> Json:
    return view | {"id": "V0TESTS01", "root_view_id": "V0TESTS01", "previous_view_id": None, "type": "modal"} | {
        "team_id": by.home, "app_installed_team_id": by.app, "app_id": by.app_id, "hash": "1764000000.1",
    }  # fmt: skip


def _sample(name: str) -> Json:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def _filled(sample: Json, **ids: Any) -> Json:
    """A copy of a part of a sample with values in it. Raise NotInTheSample."""
    if unknown := ids.keys() - sample.keys():
        raise NotInTheSample(sorted(unknown))
    return copy.deepcopy(sample) | ids
