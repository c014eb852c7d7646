"""Cases to and from the JSON and the columns they are stored in."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.db import from_micros, to_micros
from core.order import Case, Cost, Decision, Order, Unit
from core.words import (
    Action,
    Assurance,
    CaseId,
    Flow,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    ReasonCode,
    State,
    Surface,
)

Json = dict[str, Any]


def order_to_json(order: Order) -> str:
    """The order of a case as stored in `cases.content`."""
    return _compact(
        {
            "units": [[unit.name, unit.hsa_id] for unit in order.units],
            "invoice_ref": order.invoice_ref,
            "desired_start": order.desired_start and order.desired_start.isoformat(),
            "technical_contact": order.technical_contact,
            "comment": order.comment,
            "named_agent": order.named_agent,
            "costs": costs_to_json(order.costs),
            "external_case_ref": order.external_case_ref,
        }
    )


def order_from_json(offer: str, text: str) -> Order:
    """The order behind `cases.content`."""
    stored: Json = json.loads(text)
    start = stored["desired_start"]
    return Order(
        offer=OfferId(offer),
        units=tuple(Unit(name, hsa_id) for name, hsa_id in stored["units"]),
        invoice_ref=stored["invoice_ref"],
        desired_start=date.fromisoformat(start) if start else None,
        technical_contact=stored["technical_contact"],
        comment=stored["comment"],
        named_agent=stored["named_agent"],
        costs={Payer(payer): Cost(a, b, Period(period)) for payer, (a, b, period) in stored["costs"].items()},
        external_case_ref=stored["external_case_ref"],
    )


def costs_to_json(costs: Mapping[Payer, Cost]) -> Json:
    """Start-up and recurring amounts in öre and the period, per payer."""
    return {payer: [cost.startup_ore, cost.recurring_ore, cost.period] for payer, cost in costs.items()}


def decisions_to_json(decisions: tuple[Decision, ...]) -> str:
    """The decisions of a case as stored in `cases.decisions`."""
    return _compact([_decision_to_json(each) for each in decisions])


def _decision_to_json(each: Decision) -> Json:
    return {
        "step": each.step,
        "state": each.state,
        "action": each.action,
        "part": each.part,
        "person": each.person,
        "organisation": each.organisation,
        "at": to_micros(each.at),
        "surface": each.surface,
        "assurance": each.assurance,
        "content_version": each.content_version,
        "reason_code": each.reason_code,
        "texts": [each.reason, each.internal, each.message],
    }


def decisions_from_json(text: str) -> tuple[Decision, ...]:
    """The decisions behind `cases.decisions`."""
    return tuple(map(_decision_from_json, json.loads(text)))


def _decision_from_json(stored: Json) -> Decision:
    reason, internal, message = stored["texts"]
    return Decision(
        step=stored["step"],
        state=State(stored["state"]),
        action=Action(stored["action"]),
        part=Part(stored["part"]),
        person=stored["person"],
        organisation=stored["organisation"],
        at=from_micros(stored["at"]),
        surface=Surface(stored["surface"]),
        assurance=Assurance(stored["assurance"]),
        content_version=stored["content_version"],
        reason_code=stored["reason_code"] and ReasonCode(stored["reason_code"]),
        reason=reason,
        internal=internal,
        message=message,
    )


def case_from_row(row: Any) -> Case:  # Any: a SQLAlchemy row has its columns as attributes
    """The case in a row that holds every column of `cases`."""
    return Case(
        id=CaseId(row.id),
        flow=Flow(row.flow),
        state=State(row.state),
        customer=OrganisationId(row.customer_id),
        agent=row.agent_id,
        orderer=PersonId(row.orderer_id),
        order=order_from_json(row.offer_id, row.content),
        created_at=from_micros(row.created_at),
        waiting_since=from_micros(row.waiting_since),
        step=row.step,
        revision=row.revision,
        content_version=row.content_version,
        decisions=decisions_from_json(row.decisions),
        chosen_attestant=row.chosen_attestant_id,
        claimed_by=row.claimed_by_id,
        due_at=row.due_at and from_micros(row.due_at),
        closed_at=row.closed_at and from_micros(row.closed_at),
    )


def evidence(case: Case, decision: Decision) -> str:
    """What a history line proves beside its columns: the amounts covered, and the reason's code. Never a free text."""
    return _compact({"costs": costs_to_json(case.order.costs), "reason_code": decision.reason_code})


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
