"""What may be chosen in the form that changes an order, and the form filled in with the order as it stands."""

from dataclasses import dataclass, replace

from bot.forms.order_menus import OrderMenus
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.units import write_units
from core.api import TRAITS, AgentField, By, Case, Now, contact_in_parts, day_of


@dataclass(frozen=True)
class RevisionMenus:
    """Reads what an order may be changed to now."""

    menus: OrderMenus
    now: Now

    async def empty(self, by: By, case: Case) -> tuple[OrderFormState, Wanted]:
        """Return the choices of the form, and what the offer asks for."""
        wanted = await self._wanted(by, case)
        agents = await self.menus.agents(by, case.customer, case.order.offer, wanted.agent_field)
        # The order may stay as it is, also with an agent that nobody chooses anew.
        own = case.agent or case.order.named_agent
        if own is not None and own not in dict(agents):
            _, names = await self.menus.queries.names([], [own])
            agents = [(own, names[own]), *agents]
        today = day_of(self.now())
        return OrderFormState(organisations=(), today=today, agents=agents), wanted

    async def as_it_stands(self, by: By, case: Case) -> tuple[OrderFormState, Wanted]:
        """Return the same, filled in."""
        form, wanted = await self.empty(by, case)
        order, agent = case.order, case.agent or case.order.named_agent
        filled = replace(
            form,
            agent=next((each for each in form.agents if each[0] == agent), None),
            units=write_units(order.units),
            invoice_ref=order.invoice_ref,
            desired_start=order.desired_start,
            technical_contact=contact_in_parts(order.technical_contact),
            comment=order.comment,
        )
        return filled, wanted

    async def _wanted(self, by: By, case: Case) -> Wanted:
        offer = await self.menus.offer(by, case.customer, case.order.offer)
        if offer is not None:
            return Wanted(case.flow, offer.terms.agent_field, offer.terms.needs_units)
        # The offer is no longer to be had: what the order says is what it asked for.
        named = AgentField.INFORMATION if case.order.named_agent else AgentField.NONE
        asks = AgentField.REQUIRED if TRAITS[case.flow].asks_for_agent else named
        return Wanted(case.flow, asks, needs_units=bool(case.order.units))
