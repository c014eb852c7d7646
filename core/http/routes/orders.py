"""The routes for orders: place, read, list, withdraw, and what may be ordered."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.http.access import AsPerson, KeyRoute, PersonKey, SeesOrders, scope_of
from core.http.bodies.field_types import Id
from core.http.bodies.offer_bodies import AgentPage, OfferPage, agent_view, offer_view
from core.http.bodies.order_bodies import OrderPage, OrderView, order_view
from core.http.bodies.order_requests import AnswerBody, OrderBody, whom_to_ask
from core.http.ports import CaseListsPort, ClockPort, FollowUpPort, OrdersPort, QueriesPort, RegisterPort
from core.http.problems import documented
from core.http.protocol import CURSOR, IDEMPOTENCY_KEY, cursor, place_of
from core.http.statuses import NoSuchRoute, PersonOnly
from core.ports.case_lists import ListPlace, OrderFilter
from core.ports.reads import Queries
from core.register.entries import Text
from core.shared import errors
from core.shared.ids import is_application
from core.shared.vocabulary import Action, CaseId, OfferId, OrganisationId, State, Surface
from core.views.readers import OrderReader
from core.workflow.commands import ActOnCase, Answers, PlaceOrder, Seen

routes = APIRouter(route_class=KeyRoute, tags=["Orders"])

MANY = 1_000
OrderNumber = Annotated[
    str, Path(description="The order's number.", pattern=r"^[A-Za-z0-9-]{1,40}$", examples=["B-7GKX2QP"])
]
OfferCode = Annotated[
    str, Path(description="The offer's code.", pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["npo-agent"])
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="A new random value for each order you mean to place. The same key again gives the same order "
        "instead of another one, so a request may be repeated when its answer was lost.",
        pattern=IDEMPOTENCY_KEY,
        examples=["1f0c8a52-8b34-4c0e-9b55-0d1f6f0f8c11"],
    ),
]


class OrderListQuery(BaseModel):
    """The parameters of a list of orders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = Field(default=None, description="Orders in this state alone.")
    open: bool | None = Field(
        default=None, description="true: something can still happen to them; false: they are closed."
    )
    external_case_ref: Text | None = Field(default=None, description="Orders with this number of yours.")
    customer: Id | None = Field(default=None, description="Orders of the customer with this id.")
    cursor: Annotated[str, Field(pattern=CURSOR)] | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=20, description="How many orders a page holds.", ge=1, le=100)

    def filter(self) -> OrderFilter:
        """The same for the database."""
        customer = None if self.customer is None else OrganisationId(self.customer)
        return OrderFilter(self.state, self.open, self.external_case_ref, customer)

    def after(self) -> ListPlace | None:
        """Where the page begins."""
        return place_of(self.cursor)


PLACED: dict[int | str, dict[str, Any]] = {201: {"description": "Placed.", "headers": {"Location": {}}}}
# What keeps an order, new or changed by an answer, from being decided about.
WHAT_AN_ORDER_MEETS = (
    errors.FormError,
    errors.NoAgreement,
    errors.CategoryNotAllowed,
    errors.NotSoleTrader,
    errors.NoPrice,
    errors.NoAttestant,
    errors.OverEveryLimit,
    errors.DuplicateOrder,
    errors.AlreadyConnected,
    errors.ChangeOfAgent,
    errors.AddOrReplace,
    errors.AgentIsCustomer,
    errors.AgentHasNoAgreement,
    errors.AgentNotAllowed,
    errors.AgentNotStaffed,
    errors.ForAgentsOnly,
    errors.NoAgentAgreement,
    errors.HasAssignment,
)
# What keeps the orderer from doing something to an order on its way.
WHAT_ITS_ORDERER_MEETS = (
    errors.CaseNotFound,
    errors.NoRole,
    errors.NotYourOrder,
    errors.ActionNotPossible,
    errors.CaseClosed,
    errors.AlreadyDecided,
    PersonOnly,
)


@dataclass(frozen=True)
class OrdererActions:
    """What an orderer does by key to an order on its way."""

    orders: OrdersPort
    queries: QueriesPort
    follow_up: FollowUpPort
    reader: SeesOrders

    async def act(
        self,
        key: PersonKey,
        order: str,
        action: Action,
        answers: Answers,
        step: int | None = None,
        *,
        by_anybody: bool = False,
    ) -> OrderView:
        """Do it, and return the order as it became. `step` is the one that was seen; None: whichever it stands at.

        `by_anybody` who may see the order, not its customer's people alone.
        """
        case = CaseId(order)
        before = await _view(self.queries, self.reader, case)
        if before.customer.id != key.organisation and not by_anybody:
            raise errors.CaseNotFound(case=order)
        if before.question is not None and step not in {None, before.step}:
            # Another question waits by now.
            raise errors.OrderMovedOn(case=before.id, flow=before.flow)
        seen = None if step is None else Seen(step, before.content_version)
        command = ActOnCase(case, action, key.asking, Surface.API, seen, answers)
        try:
            await self.orders.act(command)
        except errors.OrderError as error:
            self.follow_up.refused_action(command, error)
            raise
        self.follow_up.changed()
        return await _view(self.queries, self.reader, case)


OrdererDoor = Annotated[OrdererActions, Depends()]


@routes.post(
    "/orders",
    status_code=201,
    summary="Place an order",
    responses=documented(
        errors.NoRole,
        PersonOnly,
        errors.KeyReused,
        *WHAT_AN_ORDER_MEETS,
    )
    | PLACED,
)
async def place(
    orders: OrdersPort,
    queries: QueriesPort,
    follow_up: FollowUpPort,
    key: AsPerson,
    reader: SeesOrders,
    body: OrderBody,
    once: IdempotencyKey,
    response: Response,
) -> OrderView:
    """Places an order for the key's organisation, as the key's person, who must have the role orderer there.

    What people are asked afterwards, and in which order, is decided by the offer's flow.
    """
    command = _command(key, body, once)
    try:
        case = await orders.place(command)
    except errors.OrderError as error:
        follow_up.refused_order(command, error)
        raise
    finally:
        # Also where it is refused: administrators are told what they can mend.
        follow_up.changed()
    response.headers["Location"] = f"/api/v1/orders/{case.id}"
    return await _view(queries, reader, case.id)


@routes.get("/orders", summary="List orders", responses=documented(errors.NoRole))
async def list_(
    lists: CaseListsPort, queries: QueriesPort, reader: SeesOrders, wanted: Annotated[OrderListQuery, Query()]
) -> OrderPage:
    """Lists the orders that the key may see, the newest first, as they are now.

    A person's key sees the orders of its organisation, as customer and as agent, where the person has a role;
    the operator's sees all.
    """
    # One more than asked for, to know whether there is a next page.
    found = await lists.list_orders(scope_of(reader), wanted.filter(), wanted.after(), wanted.limit + 1)
    places = found[: wanted.limit]
    views = await queries.views([place.case for place in places], reader)
    items = [order_view(view) for view in views.values()]
    return OrderPage(items=items, next=cursor(places[-1]) if found[len(places) :] else None)


@routes.get("/orders/{order}", summary="Read an order", responses=documented(errors.CaseNotFound, errors.NoRole))
async def read(queries: QueriesPort, reader: SeesOrders, order: OrderNumber) -> OrderView:
    """Reads an order as the key's side may see it. An order of others is not found."""
    return await _view(queries, reader, CaseId(order))


@routes.post("/orders/{order}/withdraw", summary="Withdraw an order", responses=documented(*WHAT_ITS_ORDERER_MEETS))
async def withdraw(door: OrdererDoor, key: AsPerson, order: OrderNumber) -> OrderView:
    """Withdraws an order that the key's person has placed. Possible until the customer's attestant has attested."""
    return await door.act(key, order, Action.WITHDRAW, Answers(confirmed=True))


@routes.post("/orders/{order}/keep", summary="Keep an order", responses=documented(*WHAT_ITS_ORDERER_MEETS))
async def keep(door: OrdererDoor, key: AsPerson, order: OrderNumber) -> OrderView:
    """Keeps an order that nobody has answered, once its orderer has been asked: those who are to answer are reminded.

    Without that it ends by itself, ten working days after the question.
    """
    return await door.act(key, order, Action.KEEP, Answers())


@routes.post(
    "/orders/{order}/remind",
    summary="Remind of an order",
    responses=documented(*WHAT_ITS_ORDERER_MEETS, errors.RemindedLately),
)
async def remind(door: OrdererDoor, key: AsPerson, order: OrderNumber) -> OrderView:
    """Reminds those who are asked to approve or attest an order now, at most once on a working day.

    What has been asked, or reminded of, on a day may be reminded of from the next working day on.
    """
    return await door.act(key, order, Action.REMIND_NOW, Answers())


@routes.post(
    "/orders/{order}/answer",
    summary="Answer a question",
    responses=documented(
        *WHAT_ITS_ORDERER_MEETS,
        *WHAT_AN_ORDER_MEETS,
        errors.AnswerRequired,
        errors.PersonalNumber,
        errors.OrderMovedOn,
        errors.OrderChanged,
        errors.AlreadyDecidedByYou,
    ),
)
async def answer(door: OrdererDoor, key: AsPerson, order: OrderNumber, body: AnswerBody) -> OrderView:
    """Answers a request for completion of an order that the key's person has placed, by words or by a change.

    Words, and a change of comment or contact, go back to whoever asked. Any other change makes a new version of the
    order, with today's prices, which is decided anew from the first step.
    """
    revision = body.revision and body.revision.revision()
    answers = Answers(message=body.message, revision=revision)
    try:
        return await door.act(key, order, Action.ANSWER, answers, body.step)
    except errors.FormError as wrong:
        raise errors.FormError(**wrong.facts, within="revision") from None


@routes.post(
    "/orders/{order}/confirm",
    summary="Confirm a connection",
    responses=documented(
        *WHAT_ITS_ORDERER_MEETS, errors.BothSides, errors.ActedForInera, errors.Recused, errors.Involved
    ),
)
async def confirm(door: OrdererDoor, key: AsPerson, order: OrderNumber) -> OrderView:
    """Confirms that what was ordered works, once instructions have been sent or the agent may begin.

    Whoever placed the order or got its instructions confirms, or an orderer of its agent, or Inera's customer service.
    """
    return await door.act(key, order, Action.CONFIRM_CONNECTION, Answers(), by_anybody=True)


@routes.get("/offers", summary="List what may be ordered", responses=documented(errors.NoRole, PersonOnly))
async def offers(queries: QueriesPort, now: ClockPort, key: AsPerson) -> OfferPage:
    """Lists the offers that the organisation's customer category may order."""
    found = await queries.offers_for(key.asking, key.organisation, "", now(), MANY)
    return OfferPage(items=[offer_view(choice) for choice in found])


@routes.get(
    "/offers/{offer}/agents",
    summary="List the agents of an offer",
    responses=documented(errors.NoRole, PersonOnly, NoSuchRoute),
)
async def agents(
    queries: QueriesPort, register: RegisterPort, now: ClockPort, key: AsPerson, offer: OfferCode
) -> AgentPage:
    """Lists the agents that can take an order of the offer: with an agreement, an assignment for its service and, where
    they are to approve and attest, people who do; none for an unknown offer.
    """
    found = await queries.agents_for(key.asking, OfferId(offer), key.organisation, now(), "", MANY)
    organisations = await register.organisations_with([id_ for id_, _ in found])
    return AgentPage(items=[agent_view(organisations[id_]) for id_, _ in found])


def _command(key: PersonKey, body: OrderBody, once: str) -> PlaceOrder:
    return PlaceOrder(
        by=key.asking,
        customer=key.organisation,
        offer=OfferId(body.offer),
        units=tuple(unit.unit() for unit in body.units),
        invoice_ref=body.invoice_ref,
        terms_accepted=body.terms_accepted,
        key=once,
        surface=Surface.API,
        agent=None if body.agent is None else OrganisationId(body.agent),
        desired_start=body.desired_start,
        technical_contact=whom_to_ask(body.technical_contact),
        comment=body.comment,
        external_case_ref=body.external_case_ref,
        change_of_agent=body.change_of_agent,
        existing=body.existing,
        replaces=tuple(replaced.way() for replaced in body.replaces),
    )


async def _view(queries: Queries, reader: OrderReader, case: CaseId) -> OrderView:
    # An application has an address of its own.
    views = await queries.views([] if is_application(case) else [case], reader)
    if case not in views:
        raise errors.CaseNotFound(case=case)
    return order_view(views[case])
