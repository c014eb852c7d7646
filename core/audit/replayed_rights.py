"""By which right somebody decided, asked anew of the case and the register as history says they were then. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from core.audit.change_records import ReplayedRecord
from core.audit.differences import Difference, Differs
from core.audit.register_replay import Rights
from core.shared.traits import TRAITS
from core.shared.vocabulary import (
    NO_PERSON,
    PART_WAITED_FOR,
    ROLES_OF,
    SIDE_OF,
    AgreementType,
    OrganisationId,
    Part,
    Role,
    Side,
)
from core.workflow import superseded
from core.workflow.case import Case, Grant
from core.workflow.context import WITHOUT_ROLE, DecisionContext, Standing
from core.workflow.flows import Transition
from core.workflow.guards import agreements, people, progress
from core.workflow.guards.people import Guard

# What keeps somebody from deciding by what the rows of the case alone say.
JUDGED: frozenset[Guard] = frozenset(
    {
        people.acts_for_no_other,
        people.acts_here_alone,
        people.has_approved,
        people.has_no_part,
        people.has_not_approved,
        people.never_own_approval,
        people.never_own_order,
        people.not_recused,
        people.one_attest_each,
        people.within_limit,
        progress.claimed_by_another,
        progress.claimed_by_me,
        progress.held,
        progress.not_attested,
        progress.not_held,
        progress.rounds_left,
        progress.unclaimed,
        superseded.acts_for_one_side,
        superseded.not_involved,
    }
)


# What keeps somebody from it by what the register says as well.
BY_REGISTER: frozenset[Guard] = frozenset(
    {
        people.assured,
        people.in_turn,
        people.leads,
        people.not_later_in_turn,
        people.not_own_approval,
        people.not_own_order,
        people.own_order,
    }
)


# And by what organisations have agreed, once history holds that.
BY_AGREEMENTS: frozenset[Guard] = frozenset(
    {
        agreements.agent_agreement_active,
        agreements.agent_has_assignment,
        agreements.customer_agreement_active,
        agreements.own_agent_agreement_active,
        people.for_this_service,
    }
)


ENOUGH: frozenset[Guard] = frozenset({progress.last_attest, progress.attests_suffice})


def wrong_right(case: Case, row: Transition, record: ReplayedRecord, rights: Rights | None) -> Iterator[Difference]:
    """Yield what the guards of the transition refuse, asked of the case and the register as history says they were
    then.

    Where more than one right may have been used, or the register was just being changed, one that holds is enough.
    """
    if SIDE_OF.get(record.part) is Side.AGENT:
        case = replace(case, agent=record.organisation)
    grants: Sequence[Grant | None] = [None]
    if record.person is not None and ROLES_OF.get(record.part):
        where = record.organisation or OrganisationId("")
        grants = [Grant(record.person, where, min(ROLES_OF[record.part]), record.limit_ore, absent=record.absent)]
        if rights is not None:
            held = _held(record, case.organisation_of(record.part), rights)
            yield from _lacking(record, held)
            grants = held or grants
    ways = ([*_refused(now, row, rights)] for grant in grants for now in _situations(case, record, grant, rights))
    for code in min(ways, key=len):
        yield _no_right(record, code)


def check_grant(record: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> Iterator[Difference]:
    """Yield what is wrong with the role that a record was decided by, by the register then; `where` None for
    anywhere.
    """
    yield from _lacking(record, _held(record, where, rights))


def _lacking(record: ReplayedRecord, held: Sequence[Grant]) -> Iterator[Difference]:
    if record.person is None or record.part in WITHOUT_ROLE or record.part not in ROLES_OF:
        return
    if not held:
        yield _no_right(record, "no_role" if record.absent is None else "no_substitution")
    elif record.limit_ore not in {grant.limit_ore for grant in held}:
        yield _no_right(record, "other_limit")


def _no_right(record: ReplayedRecord, code: str) -> Difference:
    return Difference(Differs.RIGHT, record.case, code, record.action, record.person or "", record.row)


def _held(record: ReplayedRecord, where: OrganisationId | None, rights: Rights) -> list[Grant]:
    """Return the grants that a record may tell of; those with its limit, where there are any."""
    roles = ROLES_OF.get(record.part, frozenset())
    mine = [
        grant
        for grant in rights.grants(record.person or NO_PERSON, record.at)
        if grant.role in roles and where in {None, grant.organisation} and grant.absent == record.absent
    ]
    return [grant for grant in mine if grant.limit_ore == record.limit_ore] or mine


def _situations(
    case: Case, record: ReplayedRecord, grant: Grant | None, rights: Rights | None
) -> Iterator[DecisionContext]:
    now = DecisionContext(case, record.person, assurance=record.assurance)
    now = replace(now, part=record.part) if grant is None else now.playing(record.part, grant)
    if rights is None or record.attests is None:
        # What counted then is told by no register; before rows told how many did, all that was given did.
        is_all = record.attests is None or record.attests >= len(case.given)
        now = replace(now, counted=case.given if is_all else ())
    if rights is None:
        yield now
        return
    if record.person is not None:
        now = replace(now, grants=tuple(rights.grants(record.person, record.at, sure=True)))
    orders = frozenset({Role.ORDERER})
    is_active = rights.has(case.orderer, case.customer, orders, record.at)
    for customers in rights.rules(case.customer, record.at):
        for agents in rights.rules(case.agent, record.at):
            rules = {Side.CUSTOMER: customers, Side.AGENT: agents}
            for standing in _standings(case, record, rights):
                for holders in _holders(case, record, rights):
                    yield replace(now, rules=rules, orderer_is_active=is_active, standing=standing, holders=holders)


def _holders(case: Case, record: ReplayedRecord, rights: Rights) -> Iterator[dict[Part, tuple[Grant, ...]]]:
    """Yield the rights of those who have attested; where one had just changed, all it may have been, then the least."""
    may_be = [
        (attest.part, grant)
        for attest in case.given
        for grant in rights.grants(attest.principal or NO_PERSON, record.at)
        if grant.absent is None and grant.role in ROLES_OF[attest.part] and grant.organisation == attest.organisation
    ]
    yield {part: tuple(grant for of, grant in may_be if of is part) for part, _ in may_be}
    lowest = {(part, grant.person): grant for part, grant in sorted(may_be, key=_limit, reverse=True)}
    if len(lowest) < len(may_be):
        yield {part: tuple(grant for (of, _), grant in lowest.items() if of is part) for part, _ in lowest}


def _limit(held: tuple[Part, Grant]) -> float:
    return inf if held[1].limit_ore is None else held[1].limit_ore


def _standings(case: Case, record: ReplayedRecord, rights: Rights) -> Iterator[Standing]:
    """Yield what may have been agreed; of which service an offer was may just have been changed too."""
    if not case.is_order:
        yield Standing()
        return
    agent = case.agent or OrganisationId("")
    for service in rights.services(case.order.offer, record.at) or [""]:
        yield Standing(
            customer_agreement=rights.agreed(case.customer, TRAITS[case.flow].agreement, record.at),
            agent_agreement=rights.agreed(agent, AgreementType.AGENTAVTAL, record.at),
            agent_assignment=rights.assigned(agent, service, record.at),
            service=service,
        )


def _refused(now: DecisionContext, row: Transition, rights: Rights | None) -> Iterator[str]:
    guards = _asked(rights)
    refusals = (guard(now) for guard in row.guards if guard in guards)
    yield from (refusal.code for refusal in refusals if refusal is not None)
    if rights is None or not ENOUGH.intersection(row.guards):
        return
    # The clock goes on where those that were given suffice, everybody else where this one is the last.
    is_clock = row.who is Part.CLOCK
    then = replace(now, part=PART_WAITED_FOR.get(now.case.state)) if is_clock else now
    if people.missing_attests(then) > int(not is_clock):
        yield "too_few"


def _asked(rights: Rights | None) -> frozenset[Guard]:
    """Return the guards that can be asked of what is known."""
    if rights is None:
        return JUDGED
    guards = JUDGED | BY_REGISTER
    return guards | BY_AGREEMENTS if rights.knows_agreements else guards
