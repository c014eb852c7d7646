"""The order form: opened, drawn anew when a choice changes what may be chosen next, and submitted."""

from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.answers import Answers, Spot
from bot.desk import Desk
from bot.homes import Homes
from bot.identity import Caller, Reader, reader
from bot.payloads import Payload, state_values
from bot.pressed import Pressed
from bot.refusals import NothingToOrder, OtherEnvironment
from bot.views.forms import text_in
from bot.views.modals import FieldErrors, NoticeModal, OrderAnswers, OrderChoices, OrderForm, OrderModal
from core.api import (
    STOCKHOLM,
    AgentField,
    CardId,
    CaseId,
    NotLinked,
    OfferChoice,
    OrganisationId,
    PersonId,
    PlaceOrder,
    Role,
    Seen,
    Surface,
)
from notifications import buttons
from notifications.buttons import Pointer
from notifications.texts import say

# More than anybody offers; a menu shows a hundred and asks for the rest while people type.
MANY = 1_000
NOTHING_CHOSEN = OrderChoices(None, None, None)


@dataclass(frozen=True)
class OrderForms:
    """Everything about placing an order from Slack."""

    desk: Desk
    answers: Answers
    homes: Homes

    async def on_new(self, press: Pressed) -> None:
        """A button asks for a new order."""
        await self.open(press.by, press.where)

    async def open(self, by: Caller, where: Spot) -> None:
        """Open the empty form. Raises NotLinked, NothingToOrder."""
        who = await self._orderer(by)
        form = await self._form(who, NOTHING_CHOSEN)
        view = OrderModal.build(form, self._metadata(), who.language)
        self.desk.tasks.start(self.answers.open(where, who, view))

    async def on_choice(self, press: Pressed) -> None:
        """Another organisation or offer was chosen in the open form."""
        view = press.view or {}
        who, values = await self._orderer(press.by), state_values(view)
        form = _typed(await self._form(who, OrderModal.chosen(values)), values)
        drawn = OrderModal.build(form, self._metadata(), who.language)
        self.desk.tasks.start(self.answers.redraw(press.by, view, drawn))

    async def on_submit(self, ack: AsyncAck, view: Payload, by: Caller) -> None:
        """Place the order once, however often the form arrives: the view's id is the key."""
        pointer = buttons.read(view.get("private_metadata") or "")
        if pointer is None or pointer.environment != self.desk.environment:
            raise OtherEnvironment
        who, read = await self._orderer(by), OrderModal.read(state_values(view))
        if isinstance(read, FieldErrors):
            await ack(response_action="errors", errors=read.in_words(who.language))
            return
        case = await self.desk.orders.place(_wish(by, read, key=view.get("root_view_id") or view["id"]))
        self.desk.relay.wake()
        self.homes.redraw(by)
        sentence = say(who.language, "done.ordered", number=case.id)
        await ack(response_action="update", view=NoticeModal.build(who.language, "notice.done", sentence))

    async def _orderer(self, by: Caller) -> Reader:
        who = await reader(self.desk.queries, by)
        if who.person is None:
            raise NotLinked
        return who

    async def _form(self, who: Reader, choices: OrderChoices) -> OrderForm:
        organisations = await self._organisations(who.person.id if who.person else PersonId(""))
        allowed = {id_ for id_, _ in organisations}
        form = OrderForm(
            organisations=organisations,
            today=self.desk.now().astimezone(STOCKHOLM).date(),
            organisation=choices.organisation if choices.organisation in allowed else None,
        )
        return form if form.chosen is None else await self._with_offers(form, form.chosen, choices)

    async def _organisations(self, person: PersonId) -> list[tuple[OrganisationId, str]]:
        held = await self.desk.queries.roles_of(person, self.desk.now())
        found = [(id_, organisation.name) for id_, (organisation, roles) in held.items() if Role.ORDERER in roles]
        if not found:
            raise NothingToOrder
        return found

    async def _with_offers(self, form: OrderForm, customer: OrganisationId, choices: OrderChoices) -> OrderForm:
        offers = await self.desk.queries.offers_for(customer, "", MANY)
        offer = next((each for each in offers if each.terms.id == choices.offer), None)
        agents = [] if offer is None else await self._agents(offer, customer)
        agent = next((each for each in agents if each[0] == choices.agent), None)
        return replace(form, offers=offers, offer=offer, agents=agents, agent=agent)

    async def _agents(self, offer: OfferChoice, customer: OrganisationId) -> list[tuple[OrganisationId, str]]:
        if offer.terms.agent_field is AgentField.NONE:
            return []
        return list(await self.desk.queries.agents_for(offer.terms.id, customer, self.desk.now(), "", MANY))

    def _metadata(self) -> str:
        return Pointer(self.desk.environment, CardId(""), CaseId(""), Seen(0, 0)).value()


def _typed(form: OrderForm, values: dict[str, Any]) -> OrderForm:
    """The form with what was typed so far. Slack keeps it too, where a field stays; here it survives either way."""
    return replace(
        form,
        units=text_in(values, OrderModal.UNITS),
        invoice_ref=text_in(values, OrderModal.INVOICE),
        technical_contact=text_in(values, OrderModal.CONTACT),
        comment=text_in(values, OrderModal.COMMENT),
    )


def _wish(by: Caller, answers: OrderAnswers, *, key: str) -> PlaceOrder:
    return PlaceOrder(
        by=by.account,
        customer=answers.organisation,
        offer=answers.offer,
        units=answers.units,
        invoice_ref=answers.invoice_ref,
        terms_accepted=answers.terms_accepted,
        key=key,
        surface=Surface.SLACK,
        agent=answers.agent,
        desired_start=answers.desired_start,
        technical_contact=answers.technical_contact,
        comment=answers.comment,
    )
