"""An honest small world of cases in memory, with the commit semantics of the real stores."""

import dataclasses
from dataclasses import dataclass, field

from core import errors
from core.api import (
    AgreementType,
    Case,
    CaseId,
    Change,
    CustomerCategory,
    Identity,
    Look,
    OfferTerms,
    Order,
    Organisation,
    OrganisationId,
    Part,
    Person,
    PersonId,
    Role,
    Situation,
    Standing,
    State,
)


@dataclass(frozen=True)
class FakeCard:
    """A card that is owed, as the tests look at it."""

    id: str
    case: CaseId
    kind: str
    person: PersonId | None
    must_show: int


@dataclass
class FakeWorld:
    """Implements core.ports.Store over dictionaries. `roles` may change at any time, as in life."""

    organisations: dict[OrganisationId, Organisation] = field(default_factory=dict)
    people: dict[PersonId, Person] = field(default_factory=dict)
    roles: list[tuple[PersonId, OrganisationId, Role]] = field(default_factory=list)
    identities: dict[Identity, PersonId] = field(default_factory=dict)
    offers: dict[str, OfferTerms] = field(default_factory=dict)
    agreements: set[tuple[OrganisationId, AgreementType]] = field(default_factory=set)
    assignments: set[tuple[OrganisationId, str]] = field(default_factory=set)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    cards: dict[str, FakeCard] = field(default_factory=dict)
    placed: dict[tuple[PersonId, str], tuple[object, CaseId]] = field(default_factory=dict)

    async def look(self, look):
        return self._situation(self._case(look.case), self._person(look.by), look)

    async def act(self, look, decide):
        change = decide(await self.look(look))
        assert self.cases[look.case].revision == change.event.before.revision
        self._save(change)
        return change

    async def place(self, wish, at, decide):
        person = self._person(wish.by)
        content = dataclasses.replace(wish, by="", key="", surface="")
        if (person, wish.key) in self.placed:
            before, case = self.placed[person, wish.key]
            if before != content:
                raise errors.KeyReused(case=case)
            return self.cases[case], False
        terms = self._terms(wish)
        now = self._draft(wish, person, terms, at)
        change = decide(now, terms)
        while change.event.after.id in self.cases:
            change = decide(now, terms)
        self._save(change)
        self.placed[person, wish.key] = (content, change.event.after.id)
        return change.event.after, True

    async def due(self, at, limit):
        waiting = [case for case in self.cases.values() if case.due_at is not None and case.due_at <= at]
        return tuple(case.id for case in sorted(waiting, key=lambda case: case.due_at)[:limit])

    def _terms(self, wish):
        if wish.offer not in self.offers:
            raise errors.FormError(fields={"offer": "unknown"})
        return self.offers[wish.offer]

    def _save(self, change):
        case = change.event.after
        self.cases[case.id] = case
        self.history.append(change)
        for card in change.owed.cards:
            self.cards[card.id] = FakeCard(card.id, case.id, card.kind, card.person, case.revision)
        for card in [each for each in self.cards.values() if each.case == case.id]:
            if card.kind in change.owed.repaint:
                self.cards[card.id] = dataclasses.replace(card, must_show=case.revision)

    def _case(self, case):
        if case not in self.cases:
            raise errors.CaseNotFound(case=case)
        return self.cases[case]

    def _person(self, by):
        if by is None:
            return None
        person = self.identities.get(by) if isinstance(by, Identity) else by
        if person is None or person not in self.people:
            raise errors.NotLinked
        if not self.people[person].active:
            raise errors.PersonInactive
        return person

    def _situation(self, case, person, look: Look | None = None):
        agent = self.organisations.get(case.agent)
        return Situation(
            case=case,
            person=person,
            roles=self._roles_of(person),
            holders={
                Part.CUSTOMER_ATTESTANT: self._holders(case.customer, Role.ATTESTANT),
                Part.AGENT_HANDLER: self._holders(case.agent, Role.AGENT_HANDLER),
                Part.AGENT_ATTESTANT: self._holders(case.agent, Role.ATTESTANT),
            },
            self_attest_allowed=self.organisations[case.customer].self_attest_allowed,
            agent_self_attest_allowed=agent is not None and agent.self_attest_allowed,
        )

    def _roles_of(self, person):
        organisations = {organisation for each, organisation, _ in self.roles if each == person}
        return {
            organisation: frozenset(role for each, at, role in self.roles if (each, at) == (person, organisation))
            for organisation in organisations
        }

    def _holders(self, organisation, role):
        held = (person for person, at, has in self.roles if (at, has) == (organisation, role))
        return tuple(person for person in held if self.people[person].active)[:8]

    def _draft(self, wish, person, terms, at):
        if wish.customer not in self.organisations:
            raise errors.FormError(fields={"customer": "unknown"})
        blank = Case(
            id=CaseId(""),
            flow=terms.flow,
            state=State.DRAFT,
            customer=wish.customer,
            agent=wish.agent,
            orderer=person,
            order=Order(wish.offer, wish.units, wish.invoice_ref),
            created_at=at,
            waiting_since=at,
        )
        standing = Standing(
            customer_agreement=(wish.customer, AgreementType.KUNDAVTAL) in self.agreements,
            category_allowed=self.organisations[wish.customer].category in terms.categories,
            categories=terms.categories,
            agent_agreement=(wish.agent, AgreementType.AGENTAVTAL) in self.agreements,
            agent_assignment=(wish.agent, terms.service) in self.assignments,
            duplicate=self._duplicate(wish),
            service=terms.service,
        )
        return dataclasses.replace(self._situation(blank, person), standing=standing)

    def _duplicate(self, wish):
        wanted = {unit.key for unit in wish.units} or {""}
        for case in self.cases.values():
            same = case.customer == wish.customer and case.order.offer == wish.offer and case.closed_at is None
            if same and wanted & ({unit.key for unit in case.order.units} or {""}):
                return case.id
        return None


def seeded_world():
    """The small world of tests/seed.py, in memory."""
    from tests import seed

    return FakeWorld(
        organisations={
            each[0]: Organisation(each[0], each[1], each[2], False, frozenset(), each[4] and CustomerCategory(each[4]))
            for each in seed.ORGANISATIONS
        },
        people={each[0]: Person(each[0], each[1], f"{each[0]}@example.org") for each in seed.PEOPLE},
        roles=[(each[0], at, Role(role)) for each in seed.PEOPLE for at, role in each[3]],
        identities={Identity(seed.TEAM, seed.slack_user(each[0])): each[0] for each in seed.PEOPLE},
        offers={each[0]: seed.terms(each[0]) for each in seed.OFFERS},
        agreements={
            (seed.REGION, AgreementType.KUNDAVTAL),
            (seed.CLINIC, AgreementType.KUNDAVTAL),
            (seed.AGENT, AgreementType.AGENTAVTAL),
        },
        assignments={(seed.AGENT, "npo")},
    )
