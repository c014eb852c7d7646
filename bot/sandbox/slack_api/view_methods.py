"""views.* and blocks.validate: modals, home tabs and what Block Kit allows."""

from typing import Any

from bot.sandbox.block_kit.checks import BlockProblem, Problems
from bot.sandbox.block_kit.elements import with_ids
from bot.sandbox.block_kit.validation import block_problems, check_view, view_problems
from bot.sandbox.box import new_id
from bot.sandbox.refusals import SlackRefusal, invalid_arguments, missing_fields
from bot.sandbox.shapes import Json
from bot.sandbox.slack_api.call import Call
from bot.sandbox.slack_api.tickets import Trigger
from bot.sandbox.world.views import View, view_for_app


def open_view(call: Call) -> Json:
    sent = _view(call, "modal")
    _refuse_used_external(call, sent, None)
    trigger = _exchange(call)
    return _shown(call, call.box.views.open(call.team, trigger.user, sent))


def push(call: Call) -> Json:
    """Push a modal on the one that the trigger came from."""
    sent = _view(call, "modal")
    _refuse_used_external(call, sent, None)
    trigger = _exchange(call)
    if trigger.view not in [view.id for view in call.box.views.stacks[trigger.user]]:
        raise SlackRefusal("not_found")
    return _shown(call, call.box.views.push(call.team, trigger.user, sent))


def update(call: Call) -> Json:
    view = _named(call)
    sent = _view(call, view.sent["type"])
    _refuse_used_external(call, sent, view)
    return _shown(call, call.box.views.update(view, sent, call.args.word("hash")))


def publish(call: Call) -> Json:
    if not call.box.config.manifest.home_tab:
        raise SlackRefusal("not_enabled")
    sent = _view(call, "home")
    user = call.args.word("user_id") or ""
    person = call.box.world.people.get(user)
    if person is None or person.is_bot or person.deleted or call.box.world.home_team[user] != call.team.id:
        raise invalid_arguments(["invalid `user_id`"])
    _refuse_used_external(call, sent, call.box.views.homes.get(user))
    return _shown(call, call.box.views.publish(call.team, user, sent, call.args.word("hash")))


def validate(call: Call) -> Json:
    given = [name for name in ("blocks", "message", "view") if call.args.word(name) is not None]
    if len(given) != 1:
        message = "must provide exactly one of `blocks`, `view`, or `message`"
        raise SlackRefusal("invalid_arguments", response_metadata={"messages": [message]})
    value = call.args.parsed(given[0], "invalid_arguments")
    if problems := _problems(given[0], value):
        raise SlackRefusal(f"invalid_{given[0]}", errors=[problem.in_detail() for problem in problems])
    return {}


def _problems(name: str, value: Any) -> Problems:
    if name == "view":
        return view_problems(value, ("modal", "home"))
    if name == "blocks":
        return block_problems(value, "any", at="")
    if not isinstance(value, dict):
        return [BlockProblem("", "must provide an object", "type", "object")]
    return block_problems(value.get("blocks", []), "message")


def _view(call: Call, surface: str) -> Json:
    sent = call.args.parsed("view", "invalid_arguments")
    check_view(sent, surface)
    return {**sent, "blocks": with_ids(sent["blocks"], new_id)}


def _exchange(call: Call) -> Trigger:
    ticket = call.args.word("trigger_id")
    if not ticket:
        raise missing_fields("trigger_id")
    return call.box.tickets.exchange(ticket, call.team.id, call.box.now())


def _named(call: Call) -> View:
    view_id, external_id = call.args.word("view_id"), call.args.word("external_id")
    if not view_id and not external_id:
        raise invalid_arguments(["must provide either `view_id` or `external_id`"])
    views = call.box.views
    view = views.find(view_id) if view_id else views.find_external(call.team.id, external_id or "")
    if view is None or view.team.id != call.team.id:
        raise SlackRefusal("not_found")
    return view


def _refuse_used_external(call: Call, sent: Json, same: View | None) -> None:
    external_id = sent.get("external_id")
    if not external_id:
        return
    other = call.box.views.find_external(call.team.id, external_id)
    if other and (same is None or other.id != same.id):
        raise SlackRefusal("duplicate_external_id")


def _shown(call: Call, view: View) -> Json:
    return {"view": view_for_app(view, call.box.config.app_id)}
