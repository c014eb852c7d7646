"""What menus offer that have too much to list: offers, agents, organisations, services, and people of several kinds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.acts.organisations.absence_menus import AbsenceMenus
from bot.acts.organisations.absences import is_own, place_of
from bot.acts.organisations.administration import OrganisationScreens
from bot.acts.people import Linked, Presser
from bot.acts.press import OpenForm, wish_in
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import options
from bot.forms.orders import order_fields
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal
from bot.forms.orders.modals import Named, attestants, colleagues_of
from bot.forms.orders.order_form_state import OrderChoices
from bot.forms.orders.order_modal import OrderModal
from bot.views.home.inbox import ALL, ORGANISATION, SERVICE, page_shown
from bot.views.organisations.absences import SubstituteModal
from bot.views.organisations.screens import OrganisationsModal
from core.api import Asks, DecisionContext, Inbox, Now, OfferId, Orders, OrganisationId, Queries
from notifications.render.model import Option, OptionGroup
from notifications.render.pieces.words import local
from notifications.texts import say

# What Slack takes, and what a page lists.
MOST = 100


@dataclass(frozen=True)
class MenuSearch:
    """What is asked for: in which open form, by whom, and what has been typed of it."""

    form: OpenForm
    by: Presser
    who: Linked
    typed: str


Found = Sequence[Option] | Sequence[OptionGroup]
Search = Callable[[MenuSearch], Awaitable[Found]]
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

    async def _offers(self, sought: MenuSearch) -> Found:
        customer = _chosen(sought).organisation
        if customer is None:
            return ()
        found = await self.queries.offers_for(sought.by.account, customer, sought.typed, self.now(), MOST)
        return OrderModal.offer_choices(sought.who.language, found)

    async def _agents(self, sought: MenuSearch) -> Found:
        # Where an order is being changed, its customer and offer are known.
        is_new = wish_in(sought.form) is None
        customer, offer = _wanted(_chosen(sought)) if is_new else await self._ordered(sought)
        if customer is None or offer is None:
            return ()
        by = sought.by.account
        found = await self.queries.agents_for(by, offer, customer, self.now(), sought.typed, MOST)
        return order_fields.agent_choices(found)

    async def _attestants(self, sought: MenuSearch) -> Found:
        found = await attestants(self.queries, await self._considered(sought, Asks.CERTIFICATE))
        return ApproveModal.choices(sought.who.language, _matching(found, sought))

    async def _colleagues(self, sought: MenuSearch) -> Found:
        found = await colleagues_of(self.queries, await self._considered(sought, Asks.COLLEAGUE))
        return ColleagueModal.choices(_matching(found, sought))

    async def _considered(self, sought: MenuSearch, asks: Asks) -> DecisionContext:
        """Return the situation of whoever may do what asks for such a choice. Raises what `consider` does."""
        wish = wish_in(sought.form)
        if wish is None:
            raise ButtonIsGone
        now, row = await self.orders.consider(wish.command(sought.by))
        if row.asks is not asks:
            raise ButtonIsGone
        return now

    async def _ordered(self, sought: MenuSearch) -> tuple[OrganisationId, OfferId]:
        case = (await self._considered(sought, Asks.ANSWER)).case
        return case.customer, case.order.offer


@dataclass(frozen=True)
class OrganisationSearches:
    """Searches for organisations, and for people in them."""

    absences: AbsenceMenus
    screens: OrganisationScreens

    def searches(self) -> Searches:
        """What menus ask for, by action id."""
        return {SubstituteModal.PEOPLE: self._substitutes, OrganisationsModal.CHOOSE: self._organisations}

    async def _substitutes(self, sought: MenuSearch) -> Found:
        place = place_of(sought.form)
        if place is None:
            return ()
        but = sought.who.person if is_own(sought.form) else None
        found = await self.absences.colleagues(sought.by, place.organisation, but=but, search=sought.typed, limit=MOST)
        return SubstituteModal.choices(found)

    async def _organisations(self, sought: MenuSearch) -> Found:
        return await self.screens.found(sought.by, sought.who, sought.typed)


@dataclass(frozen=True)
class InboxSearches:
    """What a list on the home page may be narrowed to."""

    inbox: Inbox
    now: Now

    def searches(self) -> Searches:
        """What menus ask for, by action id."""
        return {ORGANISATION: self._organisations, SERVICE: self._services}

    async def _organisations(self, sought: MenuSearch) -> Found:
        listed, person = page_shown(sought.form.metadata).list, sought.who.person.asking
        found = await self.inbox.customers(person, listed, sought.typed, self.now())
        return self._answer(sought, "organisation", found)

    async def _services(self, sought: MenuSearch) -> Found:
        listed, typed = page_shown(sought.form.metadata).list, sought.typed.casefold()
        found = await self.inbox.services(sought.who.person.asking, listed, self.now())
        named = [(id_, local(name, sought.who.language)) for id_, name in found]
        return self._answer(sought, "service", [each for each in named if typed in each[1].casefold()])

    def _answer(self, sought: MenuSearch, what: str, found: Sequence[tuple[str, str]]) -> Found:
        return options([(ALL, say(sought.who.language, f"inbox.all.{what}")), *found])


def _chosen(sought: MenuSearch) -> OrderChoices:
    return OrderModal.chosen(sought.form.typed)


def _wanted(chosen: OrderChoices) -> tuple[OrganisationId | None, OfferId | None]:
    return chosen.organisation, chosen.offer


def _matching(people: Sequence[Named], sought: MenuSearch) -> list[Named]:
    typed = sought.typed.casefold()
    return [each for each in people if typed in each[1].casefold()]
