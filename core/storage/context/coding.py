"""Cases, and what stands around them, to and from the JSON and the columns they are stored in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Row

from core.catalogue.connections import ConnectionWay, EarlierConnection
from core.catalogue.offers import Routine
from core.catalogue.prices import Cost
from core.catalogue.units import Unit
from core.register.contacts import TechnicalContact, WhomToAsk
from core.register.organisations import REMINDER_DAYS, REMINDER_HOUR, Organisation, Rules, Tier
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    NO_PERSON,
    PART_WAITED_FOR,
    PAYER_OF,
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    Block,
    CaseId,
    CustomerCategory,
    Flow,
    Language,
    Localised,
    OfferId,
    OrganisationId,
    OrganisationKind,
    Part,
    Payer,
    Period,
    PersonId,
    ReasonCode,
    Role,
    Side,
    State,
    Surface,
)
from core.storage.context.application_coding import application_from_json, application_to_json, customer_in
from core.storage.tables import from_micros, to_micros
from core.workflow.case import (
    ATTESTS,
    Assignee,
    Before,
    Blocked,
    Case,
    Content,
    Decision,
    Grant,
    Handed,
    Limited,
    Order,
)
from core.workflow.flows import VERSION
from core.workflow.guards.people import ATTESTING

Json = dict[str, Any]


def order_to_json(order: Order) -> str:
    """The order of a case as stored in `cases.content`."""
    return _compact(
        {
            "units": [[unit.name, unit.hsa_id] for unit in order.units],
            "invoice_ref": order.invoice_ref,
            "desired_start": order.desired_start and order.desired_start.isoformat(),
            "technical_contact": _contact_to_json(order.technical_contact),
            "comment": order.comment,
            "named_agent": order.named_agent,
            "costs": costs_to_json(order.costs),
            "external_case_ref": order.external_case_ref,
            **_said(
                earlier_costs=costs_to_json(order.earlier_costs),
                coming_costs=costs_to_json(order.coming_costs),
                ending_costs=costs_to_json(order.ending_costs),
                coming_from=order.coming_from and order.coming_from.isoformat(),
                replaces_agent=order.replaces_agent,
                earlier=[_earlier_to_json(connection) for connection in order.earlier],
                before=order.before and _before_to_json(order.before),
                offer_name=order.offer_name and dict(order.offer_name),
                terms_url=order.terms_url,
            ),
        }
    )


def _contact_to_json(contact: WhomToAsk) -> str | Json:
    return contact if isinstance(contact, str) else asdict(contact)


def _contact_from_json(stored: str | Json) -> WhomToAsk:
    return stored if isinstance(stored, str) else TechnicalContact(**stored)


def _earlier_to_json(connection: EarlierConnection) -> Json:
    way = connection.way
    return {
        "offer": way.offer,
        "agent": way.agent,
        "name": dict(connection.offer_name),
        "units": list(connection.units),
        "ends": connection.ends,
    }


def _earlier_from_json(stored: Json) -> EarlierConnection:
    way = ConnectionWay(OfferId(stored["offer"]), stored["agent"])
    return EarlierConnection(way, localised(stored["name"]), tuple(stored["units"]), stored["ends"])


def _before_to_json(before: Before) -> Json:
    return {
        "version": before.version,
        "agent": before.agent,
        "units": [[unit.name, unit.hsa_id] for unit in before.units],
        "invoice_ref": before.invoice_ref,
        "desired_start": before.desired_start and before.desired_start.isoformat(),
        "costs": costs_to_json(before.costs),
    }


def _before_from_json(stored: Json) -> Before:
    start = stored["desired_start"]
    return Before(
        version=stored["version"],
        agent=stored["agent"],
        units=tuple(Unit(name, hsa_id) for name, hsa_id in stored["units"]),
        invoice_ref=stored["invoice_ref"],
        desired_start=date.fromisoformat(start) if start else None,
        costs=costs_from_json(stored["costs"]),
    )


def order_from_json(offer: str, text: str) -> Order:
    """The order behind `cases.content`."""
    stored: Json = from_json(text)
    start, coming_from = stored["desired_start"], stored.get("coming_from")
    return Order(
        offer=OfferId(offer),
        units=tuple(Unit(name, hsa_id) for name, hsa_id in stored["units"]),
        invoice_ref=stored["invoice_ref"],
        desired_start=date.fromisoformat(start) if start else None,
        technical_contact=_contact_from_json(stored["technical_contact"]),
        comment=stored["comment"],
        named_agent=stored["named_agent"],
        costs=costs_from_json(stored["costs"]),
        earlier_costs=costs_from_json(stored.get("earlier_costs", {})),
        coming_costs=costs_from_json(stored.get("coming_costs", {})),
        ending_costs=costs_from_json(stored.get("ending_costs", {})),
        coming_from=date.fromisoformat(coming_from) if coming_from else None,
        replaces_agent=stored.get("replaces_agent"),
        earlier=tuple(map(_earlier_from_json, stored.get("earlier", ()))),
        external_case_ref=stored["external_case_ref"],
        before=_before_from_json(stored["before"]) if stored.get("before") else None,
        offer_name=localised(stored["offer_name"]) if "offer_name" in stored else None,
        terms_url=stored.get("terms_url", ""),
    )


def content_to_json(case: Case) -> str:
    """What a case holds, as stored in `cases.content`."""
    return order_to_json(case.order) if case.is_order else application_to_json(case.application, case.customer)


def content_from_row(row: Any) -> Content:  # Any: a SQLAlchemy row has its columns as attributes
    """What a case holds, in a row that has every column of `cases`."""
    if TRAITS[Flow(row.flow)].is_application:
        return application_from_json(row.content)
    return order_from_json(row.offer_id, row.content)


def costs_to_json(costs: Mapping[Payer, Cost]) -> Json:
    """Start-up and recurring amounts in öre and the period, per payer."""
    return {payer: [cost.startup_ore, cost.recurring_ore, cost.period] for payer, cost in costs.items()}


def costs_from_json(stored: Json) -> dict[Payer, Cost]:
    """The costs behind what `costs_to_json` made."""
    return {Payer(payer): Cost(a, b, Period(period)) for payer, (a, b, period) in stored.items()}


def progress_to_json(case: Case) -> str:
    """Who is asked, and what else a case holds while it waits, as stored in `cases.progress`."""
    return _compact(
        _said(
            asked=[[each.person, each.role, each.limit_ore, each.absent] for each in case.asked],
            limited=case.limited and [case.limited.over, case.limited.of, case.limited.reserves],
            recused=case.recused,
            aside=case.aside,
            handed=[_handed_to_json(each) for each in case.handed],
            acted=case.acted,
            returns_to=case.returns_to,
            rounds=case.rounds,
            hold=case.hold,
            hold_salt=case.hold_salt,
            blocked=case.blocked and [case.blocked.why, case.blocked.told],
            is_escalated=case.is_escalated,
            reminder_days=case.reminder_days if case.reminder_days != REMINDER_DAYS else None,
            reminder_hour=case.reminder_hour if case.reminder_hour != REMINDER_HOUR else None,
        )
    )


def _progress_from_json(text: str) -> Json:
    """The fields of a case behind `cases.progress`."""
    stored: Json = from_json(text)
    returns_to, blocked = stored.get("returns_to"), stored.get("blocked")
    return {
        "asked": tuple(
            Assignee(who, Role(role), limit, absent) for who, role, limit, absent in stored.get("asked", ())
        ),
        "limited": _limited(*stored["limited"]) if "limited" in stored else None,
        "recused": tuple(stored.get("recused", ())),
        "aside": tuple(stored.get("aside", ())),
        "acted": tuple((Side(side), person) for side, person in stored.get("acted", ())),
        "handed": tuple(_handed(*each) for each in stored.get("handed", ())),
        "returns_to": State(returns_to) if returns_to else None,
        "rounds": stored.get("rounds", 0),
        "hold": stored.get("hold", ""),
        "hold_salt": stored.get("hold_salt", ""),
        "blocked": Blocked(Block(blocked[0]), told=blocked[1]) if blocked else None,
        "is_escalated": stored.get("is_escalated", False),
        "reminder_days": stored.get("reminder_days", REMINDER_DAYS),
        "reminder_hour": stored.get("reminder_hour", REMINDER_HOUR),
    }


def _limited(over: int, of: int, reserves: Sequence[PersonId]) -> Limited:
    return Limited(over, of, tuple(reserves))


def _handed_to_json(each: Handed) -> list[object]:
    return [each.giver, each.to, None if each.at is None else to_micros(each.at)]


def _handed(giver: PersonId, to: PersonId, at: int | None = None) -> Handed:
    # A row from before the time was kept names the two alone.
    return Handed(giver, to, None if at is None else from_micros(at))


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
        "texts": list(each.texts),
        **_said(
            comment=each.comment, salt=each.salt, proof=each.proof, document_hash=each.document_hash, method=each.method
        ),
        **_said(absent=each.absent, to=each.to, last_day=each.last_day and each.last_day.isoformat()),
        **_known(limit=each.limit_ore),
        **({} if each.counts else {"counts": False}),
        **_said(lapsed=each.lapsed),
    }


def decisions_from_json(text: str) -> tuple[Decision, ...]:
    """The decisions behind `cases.decisions`."""
    return tuple(map(_decision_from_json, from_json(text)))


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
        comment=stored.get("comment", ""),
        absent=stored.get("absent"),
        limit_ore=stored.get("limit"),
        to=stored.get("to"),
        salt=stored.get("salt", ""),
        proof=stored.get("proof"),
        counts=stored.get("counts", True),
        lapsed=stored.get("lapsed", False),
        document_hash=stored.get("document_hash"),
        method=stored.get("method"),
        last_day=date.fromisoformat(stored["last_day"]) if "last_day" in stored else None,
    )


def case_from_row(row: Any) -> Case:  # Any: a SQLAlchemy row has its columns as attributes
    """The case in a row that holds every column of `cases`."""
    return Case(
        id=CaseId(row.id),
        flow=Flow(row.flow),
        state=State(row.state),
        customer=OrganisationId(row.customer_id or customer_in(row.content)),
        agent=row.agent_id,
        orderer=PersonId(row.orderer_id or NO_PERSON),
        content=content_from_row(row),
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
        review_at=row.review_at and from_micros(row.review_at),
        **_progress_from_json(row.progress),
    )


# What says anew what is decided about.
_WRITES = frozenset({Action.SUBMIT, Action.ANSWER})


def evidence(case: Case, decision: Decision) -> str:
    """What a history line proves beside its columns: by which version of the flows, the amounts, the right, the reason.

    Ids, codes and amounts; never a name or a free text. What does not apply is left out.
    """
    side, roles = SIDE_OF.get(decision.part), ROLES_OF.get(decision.part, frozenset())
    pays = side is not None and side in PAYER_OF and case.is_order
    amount = amount_ore(case, side) if side is not None and pays else None
    return _compact(
        {
            "flows": VERSION,
            **(_amounts(case.order) if case.is_order else {}),
            "reason_code": decision.reason_code,
            **_said(role=next(iter(roles)) if len(roles) == 1 else None, absent=decision.absent, to=decision.to),
            **_said(texts_hash=_hash(decision), proof=decision.proof),
            **_said(document_hash=decision.document_hash, method=decision.method),
            **_said(last_day=decision.last_day and decision.last_day.isoformat()),
            **_said(content_hash=content_hash(case) if decision.action in _WRITES else None),
            **_known(limit_ore=decision.limit_ore, amount_ore=amount, attests=_counted(case, decision)),
        }
    )


def _counted(case: Case, decision: Decision) -> int | None:
    """How many attests counted by the rules and rights of then, a new one too; None where nothing is attested."""
    if PART_WAITED_FOR.get(decision.state) not in ATTESTING:
        return None
    here = (each for each in case.decisions if each.state is decision.state and each.action in ATTESTS)
    return sum(each.counts and not each.lapsed for each in here)


def content_hash(case: Case) -> str:
    """Proves what is decided about: the offer as it was ordered, agent, units, invoice reference, start, what ends."""
    if not case.is_order:
        return ""
    order, start = case.order, case.order.desired_start
    units = [[unit.name, unit.hsa_id] for unit in order.units]
    said = [order.offer, case.agent, order.named_agent, units, order.invoice_ref, start and start.isoformat()]
    # Added only where there is any, so that what was ordered before keeps its hash.
    replaced = [[connection.way.offer, connection.way.agent] for connection in order.replaced]
    added: list[object] = [replaced] if replaced else []
    if order.offer_name:
        added.append({"name": dict(sorted(order.offer_name.items())), "terms_url": order.terms_url})
    return sha256(_compact([case.id, case.flow, *said, *added]).encode()).hexdigest()


def _amounts(order: Order) -> Json:
    return {"costs": costs_to_json(order.costs), **_said(coming_costs=costs_to_json(order.coming_costs))}


def amount_ore(case: Case, side: Side) -> int:
    """What amount limits are held against on a side."""
    return case.order.first_year_ore(side)


def _hash(decision: Decision) -> str:
    """Proves what was written as long as the texts and their salt are kept, and tells nothing once they are purged."""
    # A comment is said last, and only where there is one: what was written before there were any proves what it did.
    texts = (*decision.texts, decision.comment) if decision.comment else decision.texts
    return sha256("\0".join((decision.salt, *texts)).encode()).hexdigest() if any(texts) else ""


def _said(**values: object) -> Json:
    """What there is: nothing that is empty."""
    return {name: value for name, value in values.items() if value}


def _known(**amounts: int | None) -> Json:
    """Amounts that there are: nothing is also an amount."""
    return {name: amount for name, amount in amounts.items() if amount is not None}


def _compact(value: object) -> str:
    """Write JSON without spaces, letters as they are; a press writes six of them, in a quarter of what `json` takes."""
    return to_json(value).decode()


# JSON text on SQLite; on PostgreSQL a list, or NULL where nothing was found.
Listed = str | list[Any] | None


def rules(
    self_attest_allowed: object,
    eid_from_ore: int | None,
    tiers: Listed,
    reminder_days: int | None = None,
    reminder_hour: int | None = None,
) -> Rules:
    """What an organisation has declared, from its columns."""
    return Rules(
        self_attest_allowed=bool(self_attest_allowed),
        eid_from_ore=eid_from_ore,
        tiers=tuple(
            Tier(each["from_ore"], each.get("attests", 1), tuple(each.get("sequence", ()))) for each in loaded(tiers)
        ),
        reminder_days=reminder_days or REMINDER_DAYS,
        reminder_hour=reminder_hour or REMINDER_HOUR,
    )


def rules_from_row(row: Any) -> Rules:  # Any: (the same)
    """What the organisation in a row has declared that holds every column of `organisations`."""
    return rules(row.self_attest_allowed, row.eid_from_ore, row.tiers, row.reminder_days, row.reminder_hour)


def grants_from_json(stored: Listed, person: PersonId) -> tuple[Grant, ...]:
    """A person's grants from lists [organisation, role, limit, service, absent]."""
    return tuple(
        Grant(person, organisation, Role(role), limit_ore, service, absent)
        for organisation, role, limit_ore, service, absent in loaded(stored)
    )


def loaded(stored: Listed) -> list[Any]:
    """A JSON list from either database; empty where there is none."""
    return (from_json(stored) if isinstance(stored, str) else stored) or []


def organisation_from_row(row: Row[Any]) -> Organisation:
    """Return the organisation in a row of every column of `organisations`."""
    return Organisation(
        id=OrganisationId(row.id),
        name=row.name,
        org_number=row.org_number,
        org_number_is_personal=bool(row.org_number_is_personal),
        kinds=frozenset(map(OrganisationKind, loaded(row.kinds))),
        category=None if row.category is None else CustomerCategory(row.category),
        self_attest_allowed=bool(row.self_attest_allowed),
        language=language(row.language),
    )


def language(stored: str | None) -> Language | None:
    """Return a language from what is stored."""
    return None if stored is None else Language(stored)


def localised(stored: Any) -> Localised:
    """Return a text by language from what is stored: JSON as text, or as a typed column has read it."""
    texts: Mapping[str, str] = from_json(stored) if isinstance(stored, str) else stored
    return {Language(language): words for language, words in texts.items()}


def routines(stored: Any) -> tuple[Routine, ...]:
    """Return the routines of an offer from what is stored: JSON as text, as a typed column has read it, or nothing."""
    kept: Sequence[Mapping[str, Any]] = (from_json(stored) if isinstance(stored, str) else stored) or ()
    return tuple(Routine(localised(routine["title"]), routine["url"]) for routine in kept)
