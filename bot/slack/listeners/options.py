"""What menus ask for while people type: offers, agents, and people of several kinds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.dependencies import Dependencies
from bot.slack.identity import Caller, Reader, linked
from bot.slack.listeners.orders.choosing import Named, attestants, colleagues_of
from bot.slack.listeners.organisations.absence_menus import AbsenceMenus
from bot.slack.listeners.organisations.absences import is_own, place_of
from bot.slack.listeners.organisations.administration import Administering
from bot.slack.payloads import Payload, typed_in
from bot.slack.pressed import drawn_in, wish_in
from bot.slack.refusal_answers import ButtonIsGone, OtherEnvironment
from bot.slack.views.modals import (
    ApproveModal,
    ColleagueModal,
    OrderChoices,
    OrderModal,
    OrganisationsModal,
    SubstituteModal,
)
from bot.slack.views.orders import order_fields
from core.api import DecisionContext, OfferId, OrganisationId
from notifications.render.surfaces.block_kit import groups_of, options_of

# What Slack takes.
MOST = 100
NOTHING: dict[str, Any] = {"options": []}

Search = Callable[[Payload, Caller, Reader], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class MenuOptions:
    """Searches by action id, for people who are linked."""

    desk: Dependencies
    absences: AbsenceMenus
    administering: Administering

    async def on_search(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Answer with what matches."""
        by, search, view = context["caller"], self.searches().get(body["action_id"]), body.get("view")
        if search is None or view is None:
            raise ButtonIsGone
        if drawn_in(view) != self.desk.environment:
            raise OtherEnvironment
        who = await linked(self.desk.queries, by)
        await ack(**await search(body, by, who))

    def searches(self) -> dict[str, Search]:
        """What menus ask for, by action id."""
        return {
            OrderModal.OFFERS: self._offers,
            order_fields.AGENTS: self._agents,
            ApproveModal.ATTESTANTS: self._attestants,
            ColleagueModal.COLLEAGUES: self._colleagues,
            SubstituteModal.PEOPLE: self._substitutes,
            OrganisationsModal.CHOOSE: self._organisations,
        }

    async def _offers(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        customer = _chosen(body).organisation
        if customer is None:
            return NOTHING
        found = await self.desk.queries.offers_for(customer, _typed(body), MOST)
        return {"option_groups": groups_of(OrderModal.offer_choices(who.language, found))}

    async def _organisations(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        return await self.administering.found(by, who, _typed(body))

    async def _agents(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        # Where an order is being changed, its customer and offer are known.
        is_new = wish_in(body["view"]) is None
        customer, offer = _wanted(_chosen(body)) if is_new else await self._ordered(body, by)
        if customer is None or offer is None:
            return NOTHING
        found = await self.desk.queries.agents_for(offer, customer, self.desk.now(), _typed(body), MOST)
        return {"options": options_of(order_fields.agent_choices(found))}

    async def _attestants(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        found = await attestants(self.desk, await self._considered(body, by))
        return {"options": options_of(ApproveModal.choices(who.language, _matching(found, body)))}

    async def _colleagues(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        found = await colleagues_of(self.desk, await self._considered(body, by))
        return {"options": options_of(ColleagueModal.choices(_matching(found, body)))}

    async def _substitutes(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        place = place_of(body["view"])
        if place is None:
            return NOTHING
        but = who.person if is_own(body["view"]) else None
        organisation, typed = place.organisation, _typed(body)
        found = await self.absences.colleagues(by, organisation, but=but, search=typed, limit=MOST)
        return {"options": options_of(SubstituteModal.choices(found))}

    async def _considered(self, body: Payload, by: Caller) -> DecisionContext:
        wish = wish_in(body["view"])
        if wish is None:
            raise ButtonIsGone
        now, _ = await self.desk.orders.consider(wish.command(by))
        return now

    async def _ordered(self, body: Payload, by: Caller) -> tuple[OrganisationId, OfferId]:
        case = (await self._considered(body, by)).case
        return case.customer, case.order.offer


def _chosen(body: Payload) -> OrderChoices:
    # The organisation stands in the offers' block id, also where a view comes without its state.
    return OrderModal.chosen({body["block_id"]: ""} | typed_in(body["view"]))


def _wanted(chosen: OrderChoices) -> tuple[OrganisationId | None, OfferId | None]:
    return chosen.organisation, chosen.offer


def _matching(people: Sequence[Named], body: Payload) -> list[Named]:
    typed = _typed(body).casefold()
    return [each for each in people if typed in each[1].casefold()]


def _typed(body: Payload) -> str:
    return (body.get("value") or "").strip()
