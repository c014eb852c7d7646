"""Whom a row of the announcements means: people by what they are to a case, and contacts whom it names."""

from collections.abc import Callable
from enum import StrEnum

from core.api import (
    PART_WAITED_FOR,
    SIDE_OF,
    Action,
    Case,
    CaseAdvanced,
    Contact,
    DecisionContext,
    Grant,
    Part,
    PersonId,
    contact_in_parts,
    decided_for,
    eligible,
    refuses_everybody,
    stand_in,
    told_to_begin,
)

INVOLVE_AT_MOST = 5

# None for the channel of customer service.
People = tuple[PersonId | None, ...]


class Audience(StrEnum):
    """Whom a row means."""

    ORDERER = "orderer"  # the person who ordered
    ORDERER_TOO = "orderer_too"  # the same, unless it is that person who did it
    ASKED = "asked"  # people who may decide this step, at most five; of a question, who ordered, or stands in
    WAITED_FOR = "waited_for"  # of the people who are asked, those who may decide still
    OTHERS = "others"  # others who may decide too, at most five
    ITS_ADMINISTRATORS = "its_administrators"  # administrators of the organisation that is waited for, as below
    WHO_WAITS = "who_waits"  # the person who ordered, where others are waited for
    ACTED = "acted"  # people who decided for this part earlier in the order, unless they have declared jäv since
    INVOLVED = (
        "involved"  # an agent's orderers who hear that it may begin, those who decided first, at most five others
    )
    INSTEAD = "instead"  # administrators of an agent of whose orderers nobody hears it, at most five
    ADMINISTRATORS = "administrators"  # administrators on the part's side; without one, customer service's channel
    LEADS = "leads"  # leads of customer service, at most five; without one, its channel
    HOLDER = "holder"  # whoever at customer service has taken the case
    HELD_IT = "held_it"  # whoever at customer service had the case until then
    RECIPIENT = "recipient"  # whom instructions were sent to: the person who was chosen, else the orderer
    ACTOR = "actor"  # the person who did it
    ASKED_BEFORE = "asked_before"  # whom it was handed over to, where that person has been asked already
    COULD_HAVE = "could_have"  # people who could have decided the step that somebody else has decided
    CHANNEL = "channel"  # customer service's channel
    PRESENT = (
        "present"  # other administrators of the organisation that an application is of, where it names somebody else
    )
    TECHNICAL_CONTACT = "technical_contact"  # whom an order names to be asked about technology, by mail
    ADMINISTRATOR = "administrator"  # who is named in an application, by mail: these five
    SIGNATORIES = "signatories"  # those who have not signed
    AGREEMENT_CONTACT = "agreement_contact"  # unless that is the administrator
    OTHER_CONTACTS = "other_contacts"  # everybody but the administrator
    CONTACTS = "contacts"  # everybody


def people(audience: Audience, event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    """The people of an audience, playing a part; `now` is the situation after the event."""
    return _AUDIENCES.get(audience, _nobody)(event, now, part)


def contacts(audience: Audience, case: Case) -> tuple[Contact, ...]:
    """The contacts of an audience, who are named in a case."""
    return _CONTACTS.get(audience, _no_contacts)(case)


def is_same_step(event: CaseAdvanced) -> bool:
    """True when the case still waits for what it waited for."""
    return event.before.step == event.after.step


def _orderer(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    found = None if now.orderer_is_active else stand_in(now)
    return (event.after.orderer if found is None else found.person,)


def _orderer_too(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    return tuple(each for each in _orderer(event, now, part) if each != event.decision.person)


def _asked(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    before = {each.person for each in event.before.asked} if is_same_step(event) else set[PersonId]()
    return tuple(each.person for each in event.after.asked if each.person not in before)


def _acted(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    # Whoever has declared jäv takes no part in the order any more, nor hears how it ends.
    without = {event.decision.person, *event.after.recused}
    return tuple(each for each in decided_for(event.after, part) if each not in without)


def _begins(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    told = (each for each in told_to_begin(now).get(part, ()) if each != event.decision.person)
    return tuple(told)[:INVOLVE_AT_MOST]


def _administrators(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    return tuple(each.person for each in now.holders.get(part, ())[:INVOLVE_AT_MOST]) or (None,)


def _waited_for(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    if PART_WAITED_FOR[event.after.state] is not part:
        return ()
    may = None if part is Part.ORDERER else {each.person for each in _may_decide(now, part)}
    return tuple(each.person for each in event.after.asked if may is None or each.person in may)


def _others(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    if PART_WAITED_FOR[event.after.state] is not part or part is Part.ORDERER:
        return ()
    asked = {each.person for each in event.after.asked}
    return tuple(each.person for each in _may_decide(now, part) if each.person not in asked)[:INVOLVE_AT_MOST]


def _may_decide(now: DecisionContext, part: Part) -> list[Grant]:
    """Those who may decide, and have not left it to a colleague; nobody while every decision would be refused."""
    if refuses_everybody(now.case):
        return []
    return [each for each in eligible(now, part) if not each.people & {*now.case.aside}]


def _its_administrators(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    # Whoever can mend an agreement or a price has been told; an administrator can see to no answer meanwhile.
    if refuses_everybody(event.after):
        return ()
    is_its = SIDE_OF[part] is SIDE_OF[PART_WAITED_FOR[event.after.state]]
    return _administrators(event, now, part) if is_its else ()


def _who_waits(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    return () if PART_WAITED_FOR[event.after.state] is part else _orderer(event, now, part)


def _present(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    before, after = event.before.application, event.after.application
    named = [(each.org_number, *((role, who.email) for role, who in each.roles)) for each in (before, after)]
    is_told = event.decision.action is Action.ANSWER and named[0] == named[1]
    if is_told or not any(now.applying.is_new_there(each) for each in after.contacts):
        return ()
    # Who is named as administrator hears as the one who applied.
    return tuple(each.person for each in now.applying.administrators if each.email != after.administrator.email)


def _recipient(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    return _orderer(event, now, part) if event.decision.to is None else (event.decision.to,)


def _held_it(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    return () if event.before.claimed_by is None else (event.before.claimed_by,)


def _actor(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    return () if event.decision.person is None else (event.decision.person,)


def _asked_before(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    to, is_part = event.decision.to, event.decision.part is part
    return (to,) if is_part and any(each.person == to for each in event.before.asked) else ()


def _could_have(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:
    asked = (each.person for each in (*event.before.asked, *eligible(now.at(event.before), part)))
    return tuple(dict.fromkeys(each for each in asked if each != event.decision.person))


def _nobody(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    return ()


def _channel(event: CaseAdvanced, now: DecisionContext, part: Part) -> People:  # noqa: ARG001 - one signature
    return (None,)


def _no_contacts(case: Case) -> tuple[Contact, ...]:  # noqa: ARG001 - one signature
    return ()


def _technical_contact(case: Case) -> tuple[Contact, ...]:
    named = contact_in_parts(case.order.technical_contact)
    return (Contact(named.name, named.email),) if named.email else ()


def _administrator(case: Case) -> tuple[Contact, ...]:
    return (case.application.administrator,)


def _signatories(case: Case) -> tuple[Contact, ...]:
    signed = {each.person for each in case.signatures}
    return tuple(each for each in case.application.signatories if each.person not in signed)


def _agreement_contact(case: Case) -> tuple[Contact, ...]:
    contact, administrator = case.application.agreement_contact, case.application.administrator
    return () if contact.email == administrator.email else (contact,)


def _contacts(case: Case) -> tuple[Contact, ...]:
    return case.application.contacts


def _other_contacts(case: Case) -> tuple[Contact, ...]:
    return tuple(each for each in _contacts(case) if each.email != case.application.administrator.email)


_CONTACTS: dict[Audience, Callable[[Case], tuple[Contact, ...]]] = {
    Audience.TECHNICAL_CONTACT: _technical_contact,
    Audience.ADMINISTRATOR: _administrator,
    Audience.SIGNATORIES: _signatories,
    Audience.AGREEMENT_CONTACT: _agreement_contact,
    Audience.OTHER_CONTACTS: _other_contacts,
    Audience.CONTACTS: _contacts,
}
_AUDIENCES: dict[Audience, Callable[[CaseAdvanced, DecisionContext, Part], People]] = {
    Audience.ORDERER: _orderer,
    Audience.ORDERER_TOO: _orderer_too,
    Audience.ASKED: _asked,
    Audience.WAITED_FOR: _waited_for,
    Audience.OTHERS: _others,
    Audience.ITS_ADMINISTRATORS: _its_administrators,
    Audience.WHO_WAITS: _who_waits,
    Audience.ACTED: _acted,
    Audience.INVOLVED: _begins,
    Audience.INSTEAD: _begins,
    Audience.ADMINISTRATORS: _administrators,
    Audience.PRESENT: _present,
    Audience.RECIPIENT: _recipient,
    Audience.ACTOR: _actor,
    Audience.HELD_IT: _held_it,
    Audience.ASKED_BEFORE: _asked_before,
    Audience.COULD_HAVE: _could_have,
    Audience.CHANNEL: _channel,
}
