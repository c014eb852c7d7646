"""Ends something one has connected: from what an organisation has, by a form of its own."""

from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.forms.inputs import FieldErrors
from bot.forms.orders.ending import EndModal
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.units import write_units
from bot.slack.homes import Homes
from bot.slack.identity import Caller, Linked, People
from bot.slack.listeners.orders.forms import OrderPlacing
from bot.slack.payloads import Payload, typed_in
from bot.slack.press import OwnActions, Pressed
from bot.slack.refusal_replies import ButtonIsGone
from bot.slack.replies import Replies, updated
from bot.views.notices import NoticeModal
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
    Surface,
    day_of,
)
from notifications.render.buttons import Pointer
from notifications.render.model import Dialog
from notifications.render.pieces.words import local
from notifications.texts import say

ENDING = DISCONNECTING_FLOWS[0]


@dataclass(frozen=True)
class Held:
    """What a button means to end: whose it is, which offer, through which agent."""

    organisation: OrganisationId
    offer: OfferId
    agent: OrganisationId | None

    @classmethod
    def of(cls, said: str) -> "Held":
        """Read what a button said. Raises ButtonIsGone."""
        parts = said.split(HELD_PARTS)
        if len(parts) != len(("organisation", "offer", "agent")):
            raise ButtonIsGone
        organisation, offer, agent = parts
        return cls(OrganisationId(organisation), OfferId(offer), OrganisationId(agent) if agent else None)


@dataclass(frozen=True)
class EndForms:
    """Makes the form, of a connection that is there, for whoever orders for whose it is."""

    queries: Queries
    now: Now

    async def build(self, who: Linked, held: Held, metadata: str) -> Dialog:
        """Return the form. Raises NoRole and FormError."""
        at = self.now()
        roles = await self.queries.roles_of(who.person.id, at)
        organisation, mine = roles.get(held.organisation, (None, frozenset[Role]()))
        if organisation is None or Role.ORDERER not in mine:
            raise NoRole(part=Part.ORDERER, organisation=held.organisation)
        connected = await self.queries.connected(held.organisation, held.offer, held.agent)
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
    replies: Replies

    def actions(self) -> OwnActions:
        """What happens at its buttons, by action id."""
        return {"kp.end_connection": self.on_open}

    async def on_open(self, press: Pressed) -> None:
        """A button asks for the form, on top of what is open."""
        who, held = await self.people.linked(press.by), Held.of(press.rest)
        metadata = f"{Pointer(self.environment).value()}\n{press.rest}"
        drawn = await self.forms.build(who, held, metadata)
        self.replies.beside(self.replies.open(press.where, who, drawn))


@dataclass(frozen=True)
class EndSubmissions:
    """The form sent."""

    people: People
    placing: OrderPlacing
    homes: Homes

    async def on_submit(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Send it in once, however often the form arrives: the view's id is the key."""
        who, read = await self.people.linked(by), EndModal.read(typed_in(view))
        if isinstance(read, FieldErrors):
            await ack(response_action="errors", errors=read.in_words(who.language))
            return
        held = Held.of((view.get("private_metadata") or "").partition("\n")[2])
        case = await self.placing.place(_command(by, held, read, key=view.get("root_view_id") or view["id"]))
        self.homes.redraw(by)
        sentence = say(who.language, "done.ended", number=case.id)
        await ack(**updated(NoticeModal.build(who.language, "notice.done", sentence)))


def _command(by: Caller, held: Held, read: Revision, *, key: str) -> PlaceOrder:
    return PlaceOrder(
        by=by.account,
        customer=held.organisation,
        offer=held.offer,
        units=read.units,
        invoice_ref="",
        terms_accepted=True,
        key=key,
        surface=Surface.SLACK,
        agent=held.agent,
        desired_start=read.desired_start,
        comment=read.comment,
        flow=ENDING,
    )
