"""What may be chosen in the order form: organisations one may order for, their offers, and the agents of an offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from bot.forms.orders.order_form_state import Earlier, Named, OrderChoices, OrderFormState
from core.api import (
    AgentField,
    Asking,
    By,
    Now,
    OfferChoice,
    OfferId,
    OrderError,
    Organisation,
    OrganisationId,
    Queries,
    Role,
    Unit,
    day_of,
)


class NothingToOrder(OrderError):
    """The person is not an orderer anywhere."""

    code: ClassVar[str] = "nothing_to_order"


# More than anybody offers; a menu shows a hundred and asks for the rest while people type.
MANY = 1_000


@dataclass(frozen=True)
class OrderMenus:
    """Reads what may be chosen now."""

    queries: Queries
    now: Now

    async def form(self, who: Asking, choices: OrderChoices) -> OrderFormState:
        """Return the form with these choices made; nothing else is filled in. Raises NothingToOrder."""
        mine = await self._organisations(who)
        form = OrderFormState(
            organisations=[(each.id, each.name) for each in mine.values()],
            today=day_of(self.now()),
            organisation=choices.organisation if choices.organisation in mine else None,
        )
        if form.chosen is None:
            return form
        chosen = mine[form.chosen]
        form = replace(form, org_number="" if chosen.org_number_is_personal else chosen.org_number)
        return await self._with_offers(who, form, chosen.id, choices)

    async def offer(self, by: By, customer: OrganisationId, offer: OfferId) -> OfferChoice | None:
        """Return an offer that a customer may order now."""
        offers = await self.queries.offers_for(by, customer, "", self.now(), MANY)
        return next((each for each in offers if each.terms.id == offer), None)

    async def agents(self, by: By, customer: OrganisationId, offer: OfferId, asks: AgentField) -> list[Named]:
        """Return agents for an offer, where it asks for one."""
        if asks is AgentField.NONE:
            return []
        return list(await self.queries.agents_for(by, offer, customer, self.now(), "", MANY))

    async def earlier(
        self,
        by: By,
        customer: OrganisationId,
        offer: OfferId,
        agent: OrganisationId | None,
        units: Sequence[Unit],
    ) -> list[Earlier]:
        """Return what units have of an offer's service in other ways, each with the name of its agent."""
        found = await self.queries.earlier_connections(by, customer, offer, agent, units, self.now())
        agents = [each.way.agent for each in found if each.way.agent is not None]
        _, names = await self.queries.names([], agents)
        return [(each, names.get(each.way.agent, "") if each.way.agent else "") for each in found]

    async def _organisations(self, who: Asking) -> Mapping[OrganisationId, Organisation]:
        held = await self.queries.roles_of(who, self.now())
        mine = {id_: organisation for id_, (organisation, roles) in held.items() if Role.ORDERER in roles}
        if not mine:
            raise NothingToOrder
        return mine

    async def _with_offers(
        self, by: By, form: OrderFormState, customer: OrganisationId, choices: OrderChoices
    ) -> OrderFormState:
        offers = await self.queries.offers_for(by, customer, "", self.now(), MANY)
        form = replace(form, offers=offers)
        offer = next((each for each in offers if each.terms.id == choices.offer), None)
        return form if offer is None else await self._with_offer(by, form, customer, offer, choices)

    async def _with_offer(
        self,
        by: By,
        form: OrderFormState,
        customer: OrganisationId,
        offer: OfferChoice,
        choices: OrderChoices,
    ) -> OrderFormState:
        agents = await self.agents(by, customer, offer.terms.id, offer.terms.agent_field)
        return replace(
            form,
            offer=offer,
            agents=agents,
            agent=next((each for each in agents if each[0] == choices.agent), None),
            invoice_ref=await self.queries.invoice_reference(by, customer, offer.terms.service, self.now()),
            has_service=await self.queries.has_service(by, customer, offer.terms.id, self.now()),
        )
