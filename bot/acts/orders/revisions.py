"""An answer that changes the order: the form opens on top of the question, filled in with the order as it stands."""

from dataclasses import dataclass, replace

from bot.acts.outcomes import Outcome, ShownView
from bot.acts.people import Presser, reader
from bot.acts.press import Acts, OpenForm, PressedButton, Wish, wish_in
from bot.acts.refusals import ButtonIsGone
from bot.forms.inputs import Typed, choice_in, text_in
from bot.forms.orders import order_fields
from bot.forms.orders.existing import EXISTING
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import Earlier, OrderFormState
from bot.forms.orders.questions import AnswerModal
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.revision_menus import RevisionMenus
from core.api import SIDE_OF, TRAITS, Case, OnSide, Orders, OrganisationId, Queries, Transition
from notifications.render import button_values
from notifications.render.model import Dialog


@dataclass(frozen=True)
class Revisions:
    """Everything about changing an order that waits for a completion, but its submission, which is an answer."""

    orders: Orders
    queries: Queries
    forms: RevisionMenus

    def shows(self) -> Acts:
        """What is shown at its buttons, by action id."""
        return {button_values.action_id(AnswerModal.CHANGE): self.on_change}

    async def on_change(self, press: PressedButton) -> Outcome:
        """A button in the question's modal asks for the form; what has been written there comes along."""
        wish = wish_in(press.form)
        if press.form is None or wish is None:
            raise ButtonIsGone
        who = await reader(self.queries, press.by)
        case, row = await self._case(wish, press.by)
        form, wanted = await self.forms.as_it_stands(press.by.account, case)
        written = text_in(press.form.typed, RevisionModal.MESSAGE)
        return ShownView(who, await self._drawn(wish, row, form, wanted, press.by, written))

    async def confirming(self, opened: OpenForm, by: Presser, sentence: str) -> Dialog:
        """The form as it was sent, asking what becomes of what the sentence says that the units have."""
        wish, values = wish_in(opened), opened.typed
        if wish is None:
            raise ButtonIsGone
        case, row = await self._case(wish, by)
        form, wanted = await self.forms.empty(by.account, case)
        chosen = OrganisationId(choice_in(values, order_fields.AGENT))
        agent = next((each for each in form.agents if each[0] == chosen), None)
        earlier = await self._earlier(by, case, values)
        said = {"earlier": earlier, "existing": choice_in(values, EXISTING), "existing_asked": sentence}
        form = replace(form, **order_fields.typed(values), agent=agent, **said)
        return await self._drawn(wish, row, form, wanted, by, text_in(values, RevisionModal.MESSAGE))

    async def _earlier(self, by: Presser, case: Case, values: Typed) -> list[Earlier]:
        read = order_fields.read_fields(values)
        if read.unread:
            return []
        agent = read.agent if TRAITS[case.flow].asks_for_agent else None
        return await self.forms.menus.earlier(by.account, case.customer, case.order.offer, agent, read.units)

    async def _case(self, wish: Wish, by: Presser) -> tuple[Case, Transition]:
        now, row = await self.orders.consider(wish.command(by))
        return now.case, row

    async def _drawn(
        self, wish: Wish, row: Transition, form: OrderFormState, wanted: Wanted, by: Presser, message: str
    ) -> Dialog:
        who = await reader(self.queries, by)
        views = await self.queries.views([wish.pointer.case], OnSide(SIDE_OF[row.who]))
        return RevisionModal.build(
            views[wish.pointer.case], form, wanted, wish.metadata(), who.language, message=message
        )
