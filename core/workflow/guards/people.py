"""Who may decide: conditions about one person at one step, and those of an organisation's people who meet them.

A condition is a pure function that answers with a refusal, or None when it holds. It is judged for one grant at a time
(`DecisionContext.playing`): what keeps a person out keeps out a substitute who uses that person's authority.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from core.register.organisations import Tier
from core.shared.errors import (
    AbsentHandedOver,
    AccountNotLookedAt,
    ActedForInera,
    ActionNotPossible,
    AlreadyAttested,
    AlreadyClaimed,
    AlreadySigned,
    BothSides,
    HandedOver,
    IdentificationRequired,
    Involved,
    NotChosen,
    NotSignatory,
    NotYourOrder,
    NotYourTurn,
    OrderError,
    OtherService,
    OverLimit,
    OwnApproval,
    OwnOrder,
    Recused,
    SignByLink,
)
from core.shared.vocabulary import (
    NO_PERSON,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    Action,
    Assurance,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Side,
)
from core.workflow.case import Case, Decision, Grant, Order
from core.workflow.context import DecisionContext

Guard = Callable[[DecisionContext], OrderError | None]
NOBODY: frozenset[PersonId] = frozenset()


def not_own_order(now: DecisionContext) -> OrderError | None:
    """The orderer decides nothing about the own order, unless the organisation allows it (domain: 4.4)."""
    if not _orderers(now.case) & now.people or now.rules_of(Side.CUSTOMER).self_attest_allowed:
        return None
    return OwnOrder()


def never_own_order(now: DecisionContext) -> OrderError | None:
    """In an emergency nobody decides the own order, whatever the organisation allows (domain: 5.2)."""
    return OwnOrder() if _orderers(now.case) & now.people else None


def not_own_approval(now: DecisionContext) -> OrderError | None:
    """The agent's handler who approved does not attest as well, unless the agent allows it."""
    return None if now.rules_of(Side.AGENT).self_attest_allowed else never_own_approval(now)


def never_own_approval(now: DecisionContext) -> OrderError | None:
    """In an emergency nobody attests what the same person approved, whatever the agent allows."""
    approvals = _approvals(now.case)
    return OwnApproval() if _people_of(approvals) & now.people else None


def has_approved(now: DecisionContext) -> OrderError | None:
    """Whoever declares jäv takes back the approval that she gave, or that was given with her authority."""
    return None if _has_approved(now) else ActionNotPossible(action=Action.RECUSE, case=now.case.id, flow=now.case.flow)


def has_not_approved(now: DecisionContext) -> OrderError | None:
    """No approval falls with whoever declares jäv here."""
    return ActionNotPossible(action=Action.RECUSE, case=now.case.id, flow=now.case.flow) if _has_approved(now) else None


def _has_approved(now: DecisionContext) -> bool:
    return now.person in _people_of(_approvals(now.case))


def acts_for_no_other(now: DecisionContext) -> OrderError | None:
    """Whoever has acted for customer, agent or Inera acts for no other in the same case; the first act fixes it."""
    other = Side.CUSTOMER if now.side is Side.AGENT else Side.AGENT
    if now.people & acted_for(now.case, other):
        return BothSides(organisation=now.case.customer if other is Side.CUSTOMER else now.case.agent)
    return ActedForInera(case=now.case.id) if now.people & acted_for(now.case, Side.INERA) else None


def acts_here_alone(now: DecisionContext) -> OrderError | None:
    """Whoever has acted for another side has no part here to step aside from."""
    return acts_for_no_other(now)


def not_recused(now: DecisionContext) -> OrderError | None:
    """Whoever declared a conflict of interest takes no part in this order (domain: 8, case 50)."""
    return Recused(case=now.case.id) if now.people & set(now.case.recused) else None


def not_handed_over(now: DecisionContext) -> OrderError | None:
    """Whoever left this step to a colleague decides it no more, nor does a substitute for her, unless it comes back
    to her (domain: 4.4).
    """
    givers = now.people & {*now.case.aside}
    if not givers:
        return None
    left = next((each for each in reversed(now.case.handed) if each.giver in givers), None)
    if now.person not in givers:
        return AbsentHandedOver(person=left and left.to, case=now.case.id)
    return HandedOver(person=left and left.to, at=left and left.at, case=now.case.id)


def chosen_if_chosen(now: DecisionContext) -> OrderError | None:
    """Where the agent's orderer chose an attestant, that attestant or the substitute decides first (domain: 2.4)."""
    chosen = now.case.chosen_attestant
    if chosen is None or chosen in now.people or chosen in _people_of(that_count(now)):
        return None
    return NotChosen(person=chosen)


def for_this_service(now: DecisionContext) -> OrderError | None:
    """A role may be for one service only."""
    service = now.grant and now.grant.service
    return None if service in {None, now.standing.service} else OtherService(service=service)


def within_limit(now: DecisionContext) -> OrderError | None:
    """Nobody attests more than the own amount limit (domain: 4.4): start-up and a year's recurring cost."""
    limit, amount = now.grant and now.grant.limit_ore, amount_ore(now)
    return None if limit is None or amount <= limit else OverLimit(limit_ore=limit, amount_ore=amount)


def one_attest_each(now: DecisionContext) -> OrderError | None:
    """Two attests are two people's, and two people's authority."""
    mine = next((each for each in that_count(now) if {each.person, each.principal} & now.people), None)
    return None if mine is None else AlreadyAttested(person=mine.person, at=mine.at, case=now.case.id)


def in_turn(now: DecisionContext) -> OrderError | None:
    """Where the organisation names an order of attestants, each attests after the one before."""
    sequence, done = tier(now).sequence, len(that_count(now))
    if done >= len(sequence) or sequence[done] in now.people:
        return None
    return NotYourTurn(person=sequence[done])


def not_later_in_turn(now: DecisionContext) -> OrderError | None:
    """A reserve whose own turn is still to come takes no earlier one: nobody would be left for it."""
    sequence, done = tier(now).sequence, len(that_count(now))
    return NotYourTurn(person=sequence[done]) if now.people & {*sequence[done + 1 :]} else None


def assured(now: DecisionContext) -> OrderError | None:
    """From an amount that the organisation sets, an attest needs e-identification (domain: 4.6)."""
    needed = now.rules_of(now.side).eid_from_ore
    if needed is None or amount_ore(now) < needed or now.assurance is Assurance.EID_LINK:
        return None
    return now.unproven or IdentificationRequired(organisation=now.case.organisation_of(now.part or Part.CLOCK))


def account_looked_at(now: DecisionContext) -> OrderError | None:
    """Above an amount that the operator sets, Slack has said lately that the account is still what was confirmed."""
    above = now.stale_above_ore
    return None if above is None or amount_ore(now) <= above else AccountNotLookedAt()


def own_order(now: DecisionContext) -> OrderError | None:
    """Whoever ordered withdraws and answers; when they have left, another orderer without jäv does (case 28)."""
    if now.person == now.case.orderer:
        return None
    return NotYourOrder() if now.orderer_is_active else not_recused(now)


def knows_if_it_works(now: DecisionContext) -> OrderError | None:
    """Whoever ordered confirms what was ordered, or who got the instructions; another orderer as for `own_order`."""
    sent_to = {each.to for each in now.case.decisions if each.action in SENDS}
    return None if now.person in sent_to else own_order(now)


def has_no_part(now: DecisionContext) -> OrderError | None:
    """Nobody acts for Inera who has a part with the others, by anything done there or by a role since it began."""
    if now.person in now.case.recused:
        return Recused(case=now.case.id)
    return Involved(case=now.case.id) if _has_part(now) else None


def _has_part(now: DecisionContext) -> bool:
    case = now.case
    # What somebody has left to a colleague stays that person's on Inera's side too.
    acted = acted_for(case, Side.CUSTOMER) | acted_for(case, Side.AGENT)
    return now.person in acted or _belongs_to_others(now) or (not case.is_order and is_named(now))


def _belongs_to_others(now: DecisionContext) -> bool:
    case = now.case
    others = {
        case.customer,
        case.agent,
        now.applying.organisation,
        *(_left_by(case.order) if case.is_order else ()),
    }
    held = {each.organisation for each in now.grants if each.role not in ROLES_OF[Part.CUSTOMER_SERVICE]}
    return bool((held | now.belongs) & others)


def _left_by(order: Order) -> Iterator[OrganisationId | None]:
    yield order.replaces_agent
    yield from (connection.way.agent for connection in order.replaced)


def leads(now: DecisionContext) -> OrderError | None:
    """Customer service's lead takes a case from whoever has it; everybody else asks that person to release it."""
    is_lead = now.grant is not None and now.grant.role is Role.CUSTOMER_SERVICE_LEAD
    return None if is_lead else AlreadyClaimed(person=now.case.claimed_by)


def is_named(now: DecisionContext) -> bool:
    """True for somebody whom an application names."""
    # Before it is approved an application names people by their addresses alone.
    contacts = now.case.application.contacts
    return any(now.person in {each.person, now.applying.people.get(each.email)} for each in contacts)


def is_signatory(now: DecisionContext) -> OrderError | None:
    """Those named in the application sign, and nobody else, whatever roles they have."""
    return NotSignatory() if now.case.application.signatory(now.person) is None else None


def not_signed(now: DecisionContext) -> OrderError | None:
    """Two signatures are two people's."""
    mine = next((each for each in now.case.signatures if each.person == now.person), None)
    return None if mine is None else AlreadySigned(at=mine.at, case=now.case.id)


def by_personal_link(now: DecisionContext) -> OrderError | None:
    """An agreement is signed outside chat, with the document in view (domain: 4.6)."""
    return None if now.assurance in SIGNS else SignByLink()


def signatures_missing(now: DecisionContext) -> int:
    """How many signatures the agreement still needs."""
    return now.case.application.signatures_needed - len(now.case.signatures)


SENDS = frozenset({Action.SEND_INSTRUCTIONS, Action.SEND_AGAIN})
SIGNS = frozenset({Assurance.MAIL_LINK, Assurance.EID_LINK})
# What keeps a person from playing a part, whoever asks: the same conditions decide who is asked and who may decide.
ATTESTANT_CONDITIONS: tuple[Guard, ...] = (
    acts_for_no_other,
    not_recused,
    one_attest_each,
    for_this_service,
    within_limit,
)
# A reserve attests in the place of whoever is absent, also where another was chosen, or is next.
ENTITLED: dict[Part, tuple[Guard, ...]] = {
    Part.CUSTOMER_ATTESTANT: (not_own_order, *ATTESTANT_CONDITIONS, in_turn),
    Part.AGENT_ATTESTANT: (chosen_if_chosen, not_own_approval, *ATTESTANT_CONDITIONS, in_turn),
    Part.AGENT_HANDLER: (acts_for_no_other, not_recused, for_this_service),
    Part.CUSTOMER_EMERGENCY: (never_own_order, *ATTESTANT_CONDITIONS, not_later_in_turn),
    Part.AGENT_EMERGENCY: (never_own_approval, *ATTESTANT_CONDITIONS, not_later_in_turn),
}
ATTESTING = frozenset(part for part, conditions in ENTITLED.items() if one_attest_each in conditions)


def hindrance(now: DecisionContext, part: Part, grant: Grant) -> OrderError | None:
    """What keeps a holder from deciding in a part now; None for somebody who may."""
    mine = now.playing(part, grant)
    return next((refusal for each in ENTITLED.get(part, ()) if (refusal := each(mine)) is not None), None)


def eligible(now: DecisionContext, part: Part) -> tuple[Grant, ...]:
    """Of the people who hold a role for this part, those who may decide, each once and by the own right first."""
    judged = replace(now, counted=that_count(replace(now, part=part)))
    may = (each for each in now.holders.get(part, ()) if hindrance(judged, part, each) is None)
    return tuple({each.person: each for each in reversed(sorted(may, key=_is_substitute))}.values())[::-1]


def enough(now: DecisionContext, part: Part, without: frozenset[PersonId] = NOBODY) -> bool:
    """True when as many may decide as the amount needs: as many people, by as many people's authority.

    `without` are people who may not be counted on, nor their authority.
    """
    mine = replace(now, part=part)
    # By the turns that there are: those who may attest in any turn are looked for after them.
    mine = replace(mine, counted=that_count(mine))
    found = [each for each in eligible(_in_any_turn(_unchosen(mine)), part) if not each.people & without]
    authorities = {each.absent or each.person for each in found}
    to_come = tier(mine).sequence[len(that_count(mine)) :] if part in ATTESTING else ()
    return min(len(found), len(authorities)) >= max(missing_attests(mine), 1) and authorities.issuperset(to_come)


def may_attest_after(now: DecisionContext) -> tuple[PersonId, ...]:
    """The agent's attestants whom the person approving may choose: eligible, and not with the same authority."""
    kept_out = kept_from_attesting(now, now.people)
    return tuple(each.person for each in eligible(now, Part.AGENT_ATTESTANT) if not each.people & kept_out)


def kept_from_attesting(now: DecisionContext, approving: frozenset[PersonId]) -> frozenset[PersonId]:
    """Of the people by whose authority an order is approved for the agent, those who may not attest it then."""
    return NOBODY if now.rules_of(Side.AGENT).self_attest_allowed else approving


def colleagues(now: DecisionContext) -> tuple[PersonId, ...]:
    """Others who may decide the step that is being judged: whom it can be handed over to."""
    part = now.part or PART_WAITED_FOR.get(now.case.state, Part.CLOCK)
    # The chosen attestant hands the choice over as well. Whoever may decide in the giver's place alone may not then.
    return tuple(each.person for each in eligible(_unchosen(now), part) if now.person not in each.people)


def stand_in(now: DecisionContext) -> Grant | None:
    """Who answers in place of an orderer who has left: another orderer, else the administrator (domain: 8, case 28)."""
    asked = {each.person for each in now.case.asked}
    orderers = [each for each in now.holders.get(Part.ORDERER, ()) if _may_answer(now, each)]
    found = orderers or now.holders.get(Part.CUSTOMER_ADMINISTRATOR) or ()
    return next((each for each in found if each.person in asked), found[0] if found else None)


def recipients(now: DecisionContext) -> tuple[PersonId, ...]:
    """Whom instructions may go to: orderers, the one who ordered first; without any, who stands in (case 28)."""
    first = [now.case.orderer] if now.orderer_is_active else []
    others = sorted({each.person for each in now.holders.get(Part.ORDERER, ())})
    beside = stand_in(now) if not (first or others) else None
    return tuple(dict.fromkeys((*first, *others, *([] if beside is None else [beside.person]))))


def told_to_begin(now: DecisionContext) -> dict[Part, tuple[PersonId, ...]]:
    """Who hears that the agent may begin, by part: its orderers, who decided for it first; without any, administrators.

    Nobody who has declared jäv is among them, nor whoever decided and has the role no more. Empty where nobody hears.
    """
    held = _not_recused(now, Part.AGENT_HANDLER)
    decided = (each for each in decided_for(now.case, Part.AGENT_HANDLER) if each in held)
    others = (each.person for each in eligible(now, Part.AGENT_HANDLER))
    orderers = tuple(dict.fromkeys((*decided, *others)))
    if orderers:
        return {Part.AGENT_HANDLER: orderers}
    administrators = _not_recused(now, Part.AGENT_ADMINISTRATOR)
    return {Part.AGENT_ADMINISTRATOR: administrators} if administrators else {}


def _not_recused(now: DecisionContext, part: Part) -> tuple[PersonId, ...]:
    recused = {*now.case.recused}
    return tuple(dict.fromkeys(each.person for each in now.holders.get(part, ()) if not each.people & recused))


def decided_for(case: Case, part: Part) -> tuple[PersonId, ...]:
    """Those who have decided what waited for a part, each once: a reserve too, and nobody of an earlier agent."""
    found = (
        each.person
        for each in case.decisions
        # A reserve has acted in the place of the step's own part.
        if PART_WAITED_FOR.get(each.state) is part
        and SIDE_OF.get(each.part) is SIDE_OF[part]
        and each.organisation == case.organisation_of(part)
    )
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _may_answer(now: DecisionContext, orderer: Grant) -> bool:
    mine = now.playing(Part.ORDERER, orderer)
    return all(each(mine) is None for each in (acts_for_no_other, not_recused))


def tier(now: DecisionContext) -> Tier:
    """What the organisation that is deciding asks of this amount."""
    return now.rules_of(now.side).tier(amount_ore(now))


def amount_ore(now: DecisionContext) -> int:
    """What the side that is deciding pays in the first year, excluding VAT."""
    return now.case.order.first_year_ore(now.side)


def attests_needed(now: DecisionContext) -> int:
    """How many attests the step that is being judged needs in all; one decision where nothing is attested."""
    if now.part not in ATTESTING:
        return 1
    asked = tier(now)
    return max(asked.attests, len(asked.sequence), 1)


def missing_attests(now: DecisionContext) -> int:
    """How many attests the step still needs."""
    return attests_needed(now) - len(that_count(now))


def are_attested(now: DecisionContext) -> bool:
    """True when the step that is being judged has as many attests as are asked for now."""
    return now.part in ATTESTING and missing_attests(now) <= 0


def that_count(now: DecisionContext) -> tuple[Decision, ...]:
    """The attests of the side that is deciding which could be given now as they were given, each after those before."""
    counted = now.counted
    if counted is None:
        counted = ()
        for attest in now.case.given:
            may_be = SIDE_OF.get(attest.part) is now.side and _may_be_given(replace(now, counted=counted), attest)
            counted = (*counted, attest) if may_be else counted
    return tuple(each for each in counted if SIDE_OF.get(each.part) is now.side)


def _may_be_given(now: DecisionContext, attest: Decision) -> bool:
    then = replace(now, assurance=attest.assurance)
    ways = (then.playing(attest.part, grant) for grant in _rights_behind(now, attest))
    return any(all(each(mine) is None for each in (*ENTITLED[attest.part], assured)) for mine in ways)


def _rights_behind(now: DecisionContext, attest: Decision) -> list[Grant]:
    """The right that was used, as it is today; as it was then where nobody holds it any more.

    What had ceased to count by a right does not count again because that ends.
    """
    holders = (each for each in now.holders.get(attest.part, ()) if each.person == attest.principal)
    person, organisation = attest.person or NO_PERSON, OrganisationId(attest.organisation or "")
    as_it_was = Grant(person, organisation, min(ROLES_OF[attest.part]), attest.limit_ore, absent=attest.absent)
    as_it_is = [replace(each, person=person, absent=attest.absent) for each in holders if each.absent is None]
    return as_it_is or [as_it_was] * (not attest.lapsed)


def _is_substitute(grant: Grant) -> bool:
    return grant.absent is not None


def _unchosen(now: DecisionContext) -> DecisionContext:
    return replace(now, case=replace(now.case, chosen_attestant=None))


def _in_any_turn(now: DecisionContext) -> DecisionContext:
    rules = {
        side: replace(each, tiers=tuple(Tier(one.from_ore, max(one.attests, len(one.sequence))) for one in each.tiers))
        for side, each in now.rules.items()
    }
    return replace(now, rules=rules)


def _approvals(case: Case) -> Iterator[Decision]:
    return (each for each in case.decisions if each.action is Action.APPROVE and each.counts)


def _orderers(case: Case) -> frozenset[PersonId]:
    """The person who ordered, and whoever completed the order in that person's place."""
    return _people_of(each for each in case.decisions if each.part is Part.ORDERER) | {case.orderer}


def acted_for(case: Case, side: Side) -> frozenset[PersonId]:
    """Those who have acted for a side of a case, and those with whose authority."""
    decided = _people_of(each for each in case.decisions if SIDE_OF.get(each.part) is side)
    acted = decided | {person for of, person in case.acted if of is side}
    return acted | {case.orderer} if side is Side.CUSTOMER else acted


def _people_of(decisions: Iterable[Decision]) -> frozenset[PersonId]:
    """Those who decided, and those with whose authority."""
    return frozenset(person for each in decisions for person in (each.person, each.absent) if person is not None)
