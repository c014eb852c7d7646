"""What menus ask for while people type: offers, agents, attestants."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.desk import Desk
from bot.identity import Caller, Reader, reader
from bot.listeners.modals import attestants
from bot.payloads import Payload, state_values
from bot.pressed import wish_in
from bot.refusals import ButtonIsGone
from bot.views.modals import ApproveModal, OrderChoices, OrderModal
from core.api import NotLinked

# What Slack takes.
MOST = 100
NOTHING: dict[str, Any] = {"options": []}

Search = Callable[[Payload, Caller, Reader], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Options:
    """Searches by action id, for people who are linked."""

    desk: Desk

    async def on_search(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Answer with what matches."""
        by, search = context["caller"], self._searches().get(body["action_id"])
        who = await reader(self.desk.queries, by)
        if who.person is None:
            raise NotLinked
        if search is None or body.get("view") is None:
            raise ButtonIsGone
        await ack(**await search(body, by, who))

    def _searches(self) -> dict[str, Search]:
        return {
            OrderModal.OFFERS: self._offers,
            OrderModal.AGENTS: self._agents,
            ApproveModal.ATTESTANTS: self._attestants,
        }

    async def _offers(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        customer = _chosen(body).organisation
        if customer is None:
            return NOTHING
        found = await self.desk.queries.offers_for(customer, _typed(body), MOST)
        return {"option_groups": OrderModal.offer_choices(who.language, found)}

    async def _agents(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        chosen = _chosen(body)
        if chosen.organisation is None or chosen.offer is None:
            return NOTHING
        at = self.desk.now()
        found = await self.desk.queries.agents_for(chosen.offer, chosen.organisation, at, _typed(body), MOST)
        return {"options": OrderModal.agent_choices(found)}

    async def _attestants(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        wish = wish_in(body["view"])
        if wish is None:
            raise ButtonIsGone
        now, _ = await self.desk.orders.consider(wish.command(by))
        typed = _typed(body).casefold()
        found = [each for each in await attestants(self.desk, now) if typed in each[1].casefold()]
        return {"options": ApproveModal.choices(who.language, found)}


def _chosen(body: Payload) -> OrderChoices:
    # The organisation stands in the offers' block id, also where a view comes without its state.
    return OrderModal.chosen({body["block_id"]: {}} | state_values(body["view"]))


def _typed(body: Payload) -> str:
    return (body.get("value") or "").strip()
