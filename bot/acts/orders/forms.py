"""The order form: opened empty or from an older order, drawn anew as choices change, and sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.acts.outcomes import Kept, Outcome, Replaced, Retyped, ShownView, Unchanged, Wrong
from bot.acts.people import People, Presser, Reader
from bot.acts.press import Acts, Following, OpenForm, PressedButton
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import FieldErrors, Typed, choice_in, is_ticked
from bot.forms.order_menus import OrderMenus
from bot.forms.orders import order_fields
from bot.forms.orders.existing import EXISTING
from bot.forms.orders.order_form_state import OrderAnswers, OrderChoices, OrderFormState
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.order_sum import sum_mark
from bot.forms.orders.units import write_units
from bot.server.background import RefusalNotes, Wake
from core.api import (
    TRAITS,
    Case,
    CaseNotFound,
    CaseQuery,
    Now,
    OrderError,
    Orders,
    Part,
    PlaceOrder,
    Queries,
    Unit,
    contact_in_parts,
)
from notifications.render import button_values
from notifications.render.button_values import Pointer
from notifications.render.model import Dialog
from notifications.texts import say


@dataclass(frozen=True)
class OrderPlacing:
    """Places orders; one that is refused is told to history."""

    orders: Orders
    notes: RefusalNotes
    wake: Wake

    async def place(self, command: PlaceOrder) -> Case:
        """Place an order as `Orders.place` does."""
        try:
            case = await self.orders.place(command)
        except OrderError as error:
            self.notes.order(command, error)
            raise
        self.wake()
        return case


NOTHING_CHOSEN = OrderChoices(None, None, None)


@dataclass(frozen=True)
class OrderForms:
    """Opens the form and draws it anew.

    Its metadata points at the order that it was filled in from, and on a second line marks what its sum was drawn for.
    """

    environment: str
    people: People
    menus: OrderMenus

    def shows(self) -> Acts:
        """What is shown at its buttons and menus, by action id."""
        return {
            "kp.new_order": self.on_new,
            OrderModal.ORGANISATIONS: self.on_choice,
            OrderModal.OFFERS: self.on_choice,
            order_fields.UNITS_TYPED: self.on_typed,
        }

    async def on_new(self, press: PressedButton) -> Outcome:
        """A button asks for a new order."""
        return await self.empty(press.by)

    async def empty(self, by: Presser) -> ShownView:
        """Return the empty form. Raises NotLinked, NothingToOrder."""
        who = await self.people.linked(by)
        return self.filled(who, await self.menus.form(who.person.asking, NOTHING_CHOSEN))

    async def on_choice(self, press: PressedButton) -> Outcome:
        """Another organisation or offer was chosen in the open form."""
        if press.form is None:
            raise ButtonIsGone
        who, form = await self._as_typed(press.form, press.by)
        return Replaced(self._drawn(who, form))

    async def on_typed(self, press: PressedButton) -> Outcome:
        """Something was typed that the sum hangs on: it is drawn anew only where it is another."""
        if press.form is None:
            raise ButtonIsGone
        if _mark_of(press.form) == sum_mark(tuple(order_fields.units_in(press.form.typed).values())):
            return Unchanged()
        return Retyped(partial(self._with_sum, press.form, press.by))

    async def confirming(self, opened: OpenForm, by: Presser, sentence: str) -> Dialog:
        """The form as it was sent, asking what becomes of what the sentence says that the units have."""
        who, form = await self._as_typed(opened, by)
        form = await self._with_earlier(by, form, opened.typed)
        accepted = is_ticked(opened.typed, OrderModal.TERMS)
        return self._drawn(who, replace(form, existing_asked=sentence, terms_accepted=accepted))

    def filled(self, who: Reader, form: OrderFormState) -> ShownView:
        """Return a form that is filled in."""
        return ShownView(who, self._drawn(who, form))

    async def _with_sum(self, opened: OpenForm, by: Presser) -> Dialog:
        """Return the open form as it is typed, with everything that is ticked."""
        who, form = await self._as_typed(opened, by)
        values = opened.typed
        if EXISTING in values:
            form = await self._with_earlier(by, form, values)
        return self._drawn(who, replace(form, terms_accepted=is_ticked(values, OrderModal.TERMS)))

    async def _with_earlier(self, by: Presser, form: OrderFormState, values: Typed) -> OrderFormState:
        """Return the form with what the units that can be read have in other ways, and what is chosen of that."""
        read = OrderModal.read(values)
        if isinstance(read, FieldErrors) or read.fields.unread or form.offer is None:
            return form
        agent = read.fields.agent if TRAITS[form.offer.terms.flow].asks_for_agent else None
        earlier = await self.menus.earlier(by.account, read.organisation, read.offer, agent, read.fields.units)
        return replace(form, earlier=earlier, existing=choice_in(values, EXISTING))

    async def _as_typed(self, opened: OpenForm, by: Presser) -> tuple[Reader, OrderFormState]:
        """Return who fills in the form, and the form as it is typed, without what is ticked."""
        who, values = await self.people.linked(by), opened.typed
        form = await self.menus.form(who.person.asking, OrderModal.chosen(values))
        pointer, typed = button_values.read(_metadata_of(opened)[0]), order_fields.typed(values)
        return who, replace(form, **typed, again=None if pointer is None or not pointer.case else pointer.case)

    def _drawn(self, who: Reader, form: OrderFormState) -> Dialog:
        pointer = Pointer(self.environment, case=form.again or button_values.NO_CASE).value()
        return OrderModal.build(form, f"{pointer}\n{sum_mark(form.units)}", who.language)


@dataclass(frozen=True)
class OrdersAgain:
    """The same again: the form filled in from an older order."""

    orders: Orders
    queries: Queries
    now: Now
    forms: OrderForms

    def shows(self) -> Acts:
        """What is shown at its buttons, by action id."""
        return {"kp.order_again": self.on_again}

    async def on_again(self, press: PressedButton) -> Outcome:
        """A button asks for the same again: a new order, filled in from an older one, which stays closed."""
        if press.pointer is None:
            raise ButtonIsGone
        who = await self.forms.people.linked(press.by)
        now = await self.orders.look(CaseQuery(press.pointer.case, press.by.account, self.now()))
        if not now.plays(Part.ORDERER):
            raise CaseNotFound(case=now.case.id)
        form = await self.forms.menus.form(who.person.asking, _choices_of(now.case))
        order, agent = now.case.order, now.case.agent
        left_out = await self.queries.refused_units(
            press.by.account, now.case.customer, order.offer, agent, order.units, self.now()
        )
        return self.forms.filled(who, _copied(form, now.case, who, left_out))


@dataclass(frozen=True)
class OrderSubmissions:
    """The form sent."""

    people: People
    placing: OrderPlacing
    after: Following

    async def on_submit(self, form: OpenForm, by: Presser) -> Outcome:
        """Place the order once, however often the form arrives."""
        who, read = await self.people.linked(by), OrderModal.read(form.typed)
        if isinstance(read, FieldErrors):
            return Wrong(read, who.language)
        case = await self.placing.place(_command(by, read, key=form.root))
        self.after.redraw(by)
        return Kept(who.language, say(who.language, "done.ordered", number=case.id))


def _metadata_of(form: OpenForm) -> tuple[str, str]:
    """Return the pointer that a form carries, and the mark of what its sum was drawn for."""
    pointer, _, mark = form.metadata.partition("\n")
    return pointer, mark


def _mark_of(form: OpenForm) -> str:
    return _metadata_of(form)[1]


def _choices_of(case: Case) -> OrderChoices:
    return OrderChoices(case.customer, case.order.offer, case.agent or case.order.named_agent)


def _copied(form: OrderFormState, case: Case, who: Reader, left_out: Sequence[Unit]) -> OrderFormState:
    """The form filled in from an older order, to which the comment refers, without units that would be refused."""
    order = case.order
    refers = say(who.language, "order.again_comment", number=case.id)
    start = order.desired_start
    return replace(
        form,
        units=write_units([each for each in order.units if each not in left_out]),
        left_out=[each.name for each in left_out],
        invoice_ref=order.invoice_ref,
        desired_start=start if start is not None and start >= form.today else None,
        technical_contact=contact_in_parts(order.technical_contact),
        comment="\n".join(each for each in (refers, order.comment) if each),
        again=case.id,
    )


def _command(by: Presser, answers: OrderAnswers, *, key: str) -> PlaceOrder:
    filled = answers.fields
    return PlaceOrder(
        by=by.account,
        customer=answers.organisation,
        offer=answers.offer,
        units=filled.units,
        invoice_ref=filled.invoice_ref,
        terms_accepted=answers.terms_accepted,
        key=key,
        surface=by.surface,
        signed_in=by.signed_in,
        agent=filled.agent,
        desired_start=filled.desired_start,
        technical_contact=filled.technical_contact,
        comment=filled.comment,
        existing=filled.existing,
        replaces=filled.replaces,
        unread=filled.unread,
    )
