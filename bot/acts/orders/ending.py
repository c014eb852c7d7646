"""Ends something one has connected: from what an organisation has, by a form of its own."""

from dataclasses import dataclass

from bot.acts.orders.forms import OrderPlacing
from bot.acts.outcomes import Kept, Outcome, ShownView
from bot.acts.people import Linked, People, Presser
from bot.acts.press import Acts, Following, OpenForm, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.forms.orders.ending import EndModal
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.units import write_units
from bot.views.organisations.holdings import HELD_PARTS
from core.api import (
    DISCONNECTING_FLOWS,
    AgentField,
    NoRole,
    Now,
    OfferId,
    OrganisationId,
    Part,
    PlaceOrder,
    Queries,
    Revision,
    Role,
    Stands,
    day_of,
)
from notifications.render.button_values import Pointer
from notifications.render.model import Dialog
from notifications.render.pieces.words import local
from notifications.texts import say

ENDING = DISCONNECTING_FLOWS[0]


@dataclass(frozen=True)
class Held:
    """What a button means to end: whose it is, which offer, through which agent, and whether that is confirmed."""

    organisation: OrganisationId
    offer: OfferId
    agent: OrganisationId | None
    confirmed: bool

    @classmethod
    def of(cls, said: str) -> "Held":
        """Read what a button said. Raises ButtonIsGone."""
        parts = said.split(HELD_PARTS)
        if len(parts) != len(("organisation", "offer", "agent", "stands")):
            raise ButtonIsGone
        organisation, offer, agent, stands = parts
        through = OrganisationId(agent) if agent else None
        return cls(OrganisationId(organisation), OfferId(offer), through, stands == Stands.CONNECTED)


@dataclass(frozen=True)
class EndForms:
    """Makes the form, of a connection that is there, for whoever orders for whose it is."""

    queries: Queries
    now: Now

    async def build(self, who: Linked, held: Held, metadata: str) -> Dialog:
        """Return the form. Raises NoRole and FormError."""
        at = self.now()
        connected = await self.queries.connected(
            who.person.asking, held.organisation, held.offer, held.agent, at, confirmed=held.confirmed
        )
        roles = await self.queries.roles_of(who.person.asking, at)
        organisation, mine = roles.get(held.organisation, (None, frozenset[Role]()))
        if organisation is None or Role.ORDERER not in mine:
            raise NoRole(part=Part.ORDERER, organisation=held.organisation)
        names = {
            "service": local(connected.service, who.language),
            "offer": local(connected.offer, who.language),
            "organisation": organisation.name,
        }
        form = OrderFormState(organisations=(), today=day_of(at), units=write_units(connected.units))
        wanted = Wanted(ENDING, AgentField.NONE, needs_units=bool(connected.units))
        return EndModal.build(form, wanted, names, metadata, who.language)


@dataclass(frozen=True)
class Endings:
    """Opens the form. Its metadata says what it is about."""

    environment: str
    people: People
    forms: EndForms

    def shows(self) -> Acts:
        """What is shown at its buttons, by action id."""
        return {"kp.end_connection": self.on_open}

    async def on_open(self, press: PressedButton) -> Outcome:
        """A button asks for the form, on top of what is open."""
        who, held = await self.people.linked(press.by), Held.of(press.rest)
        metadata = f"{Pointer(self.environment).value()}\n{press.rest}"
        return ShownView(who, await self.forms.build(who, held, metadata))


@dataclass(frozen=True)
class EndSubmissions:
    """The form sent."""

    people: People
    placing: OrderPlacing
    after: Following

    async def on_submit(self, form: OpenForm, by: Presser) -> Outcome:
        """Send it in once, however often the form arrives."""
        who, read = await self.people.linked(by), EndModal.read(form.typed)
        held = Held.of(form.metadata.partition("\n")[2])
        case = await self.placing.place(_command(by, held, read, key=form.root))
        self.after.redraw(by)
        return Kept(who.language, say(who.language, "done.ended", number=case.id))


def _command(by: Presser, held: Held, read: Revision, *, key: str) -> PlaceOrder:
    return PlaceOrder(
        by=by.account,
        customer=held.organisation,
        offer=held.offer,
        units=read.units,
        invoice_ref="",
        terms_accepted=True,
        key=key,
        surface=by.surface,
        signed_in=by.signed_in,
        agent=held.agent,
        desired_start=read.desired_start,
        comment=read.comment,
        flow=ENDING,
        unread=read.unread,
    )
