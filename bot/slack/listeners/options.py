"""What menus ask for while people type."""

from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.menu_searches import Found, MenuSearch, Searches
from bot.acts.people import People
from bot.acts.press import drawn_in
from bot.acts.refusals import ButtonIsGone, OtherEnvironment
from bot.slack.payloads import Payload
from bot.slack.press import opened
from notifications.render.model import OptionGroup
from notifications.render.surfaces.block_kit import groups_of, options_of


@dataclass(frozen=True)
class MenuOptions:
    """Searches by action id, for people who are linked."""

    environment: str
    people: People
    searches: Searches

    async def on_search(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Answer with what matches. Raises ButtonIsGone, OtherEnvironment, NotLinked."""
        by, search, view = context["caller"], self.searches.get(body["action_id"]), body.get("view")
        if search is None or view is None:
            raise ButtonIsGone
        form = opened(view)
        if drawn_in(form) != self.environment:
            raise OtherEnvironment
        # What a menu is about stands in its block id, also where a view comes without its state.
        form = replace(form, typed={body["block_id"]: ""} | dict(form.typed))
        who = await self.people.linked(by)
        await ack(**_answer(await search(MenuSearch(form, by, who, (body.get("value") or "").strip()))))


def _answer(found: Found) -> dict[str, Any]:
    groups = [each for each in found if isinstance(each, OptionGroup)]
    if groups:
        return {"option_groups": groups_of(groups)}
    return {"options": options_of([each for each in found if not isinstance(each, OptionGroup)])}
