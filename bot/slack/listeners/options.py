"""What menus ask for while people type: offers, agents, and people of several kinds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.forms.inputs import options
from bot.forms.orders import order_fields
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal
from bot.forms.orders.modals import Named, attestants, colleagues_of
from bot.forms.orders.order_form_state import OrderChoices
from bot.forms.orders.order_modal import OrderModal
from bot.slack.identity import Caller, People, Reader
from bot.slack.listeners.organisations.absence_menus import AbsenceMenus
from bot.slack.listeners.organisations.absences import is_own, place_of
from bot.slack.listeners.organisations.administration import OrganisationScreens
from bot.slack.payloads import Payload, typed_in
from bot.slack.press import drawn_in, wish_in
from bot.slack.refusal_replies import ButtonIsGone, OtherEnvironment
from bot.views.home.inbox import ALL, ORGANISATION, SERVICE, page_shown
from bot.views.organisations.absences import SubstituteModal
from bot.views.organisations.screens import OrganisationsModal
from core.api import DecisionContext, Inbox, InboxChoices, Now, OfferId, Orders, OrganisationId, Queries
from notifications.render.pieces.words import local
from notifications.render.surfaces.block_kit import groups_of, options_of
from notifications.texts import say

# What Slack takes.
MOST = 100
NOTHING: dict[str, Any] = {"options": []}

Search = Callable[[Payload, Caller, Reader], Awaitable[dict[str, Any]]]
Searches = Mapping[str, Search]


@dataclass(frozen=True)
class OrderSearches:
    """Searches in forms about orders."""

    orders: Orders
    queries: Queries
    now: Now

    def searches(self) -> Searches:
        """What menus ask for, by action id."""
        return {
            OrderModal.OFFERS: self._offers,
            order_fields.AGENTS: self._agents,
            ApproveModal.ATTESTANTS: self._attestants,
            ColleagueModal.COLLEAGUES: self._colleagues,
        }

    async def _offers(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        customer = _chosen(body).organisation
        if customer is None:
            return NOTHING
        found = await self.queries.offers_for(customer, _typed(body), MOST)
        return {"option_groups": groups_of(OrderModal.offer_choices(who.language, found))}

    async def _agents(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        # Where an order is being changed, its customer and offer are known.
        is_new = wish_in(body["view"]) is None
        customer, offer = _wanted(_chosen(body)) if is_new else await self._ordered(body, by)
        if customer is None or offer is None:
            return NOTHING
        found = await self.queries.agents_for(offer, customer, self.now(), _typed(body), MOST)
        return {"options": options_of(order_fields.agent_choices(found))}

    async def _attestants(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        found = await attestants(self.queries, await self._considered(body, by))
        return {"options": options_of(ApproveModal.choices(who.language, _matching(found, body)))}

    async def _colleagues(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        found = await colleagues_of(self.queries, await self._considered(body, by))
        return {"options": options_of(ColleagueModal.choices(_matching(found, body)))}

    async def _considered(self, body: Payload, by: Caller) -> DecisionContext:
        wish = wish_in(body["view"])
        if wish is None:
            raise ButtonIsGone
        now, _ = await self.orders.consider(wish.command(by))
        return now

    async def _ordered(self, body: Payload, by: Caller) -> tuple[OrganisationId, OfferId]:
        case = (await self._considered(body, by)).case
        return case.customer, case.order.offer


@dataclass(frozen=True)
class OrganisationSearches:
    """Searches for organisations, and for people in them."""

    absences: AbsenceMenus
    screens: OrganisationScreens

    def searches(self) -> Searches:
        """What menus ask for, by action id."""
        return {SubstituteModal.PEOPLE: self._substitutes, OrganisationsModal.CHOOSE: self._organisations}

    async def _substitutes(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        place = place_of(body["view"])
        if place is None:
            return NOTHING
        but = who.person if is_own(body["view"]) else None
        organisation, typed = place.organisation, _typed(body)
        found = await self.absences.colleagues(by, organisation, but=but, search=typed, limit=MOST)
        return {"options": options_of(SubstituteModal.choices(found))}

    async def _organisations(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:
        return await self.screens.found(by, who, _typed(body))


@dataclass(frozen=True)
class InboxSearches:
    """What a list on the home tab may be narrowed to."""

    inbox: Inbox
    now: Now

    def searches(self) -> Searches:
        """What menus ask for, by action id."""
        return {ORGANISATION: self._organisations, SERVICE: self._services}

    async def _organisations(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        found = (await self._choices(body, who)).organisations
        return self._answer(body, who, "organisation", found)

    async def _services(self, body: Payload, by: Caller, who: Reader) -> dict[str, Any]:  # noqa: ARG002 - one signature
        found = (await self._choices(body, who)).services
        return self._answer(body, who, "service", [(id_, local(name, who.language)) for id_, name in found])

    async def _choices(self, body: Payload, who: Reader) -> InboxChoices:
        query = page_shown(body["view"].get("private_metadata") or "")
        return InboxChoices() if who.person is None else await self.inbox.choices(who.person.id, query, self.now())

    def _answer(self, body: Payload, who: Reader, what: str, found: Sequence[tuple[str, str]]) -> dict[str, Any]:
        typed = _typed(body).casefold()
        matching = [(id_, name) for id_, name in found if typed in name.casefold()]
        everything = (ALL, say(who.language, f"inbox.all.{what}"))
        return {"options": options_of(options([everything, *matching]))}


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
        if drawn_in(view) != self.environment:
            raise OtherEnvironment
        who = await self.people.linked(by)
        await ack(**await search(body, by, who))


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
