"""An honest small world of cases in memory, with the commit semantics of the real stores."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.api import (
    Action,
    AgreementType,
    CardPlace,
    Case,
    CaseId,
    Change,
    Flow,
    Grant,
    Identity,
    LinkId,
    OfferId,
    OfferTerms,
    Order,
    Organisation,
    OrganisationId,
    Part,
    Person,
    PersonalLink,
    PersonId,
    Purpose,
    Role,
    Rules,
    State,
    find,
)
from core.identity.personal_links import check
from core.shared import errors
from tests.fakes.reading import grants, situation, standing_for

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class FakeCard:
    """A card that is owed, as the tests look at it."""

    id: str
    case: CaseId
    kind: str
    part: Part
    person: PersonId | None
    must_show: int
    step: int


@dataclass(frozen=True)
class Substitution:
    """Who decides in whose place, from an instant up to another."""

    absent: PersonId
    substitute: PersonId
    organisation: OrganisationId
    role: Role
    valid_from: datetime
    valid_to: datetime


@dataclass
class FakeWorld:
    """Implements core.ports.cases.Store over dictionaries, which the tests change as life does.

    `roles` are the own ones that are valid now, limits and services with them. `reviews` says of which organisation or
    offer something has changed, or will.
    """

    organisations: dict[OrganisationId, Organisation] = field(default_factory=dict)
    people: dict[PersonId, Person] = field(default_factory=dict)
    roles: list[Grant] = field(default_factory=list)
    substitutions: list[Substitution] = field(default_factory=list)
    rules: dict[OrganisationId, Rules] = field(default_factory=dict)
    identities: dict[Identity, PersonId] = field(default_factory=dict)
    offers: dict[OfferId, OfferTerms] = field(default_factory=dict)
    inactive_offers: set[OfferId] = field(default_factory=set)
    sole_trader_offers: set[OfferId] = field(default_factory=set)
    agreements: set[tuple[OrganisationId, AgreementType]] = field(default_factory=set)
    assignments: set[tuple[OrganisationId, str]] = field(default_factory=set)
    reviews: list[tuple[OrganisationId | OfferId, datetime]] = field(default_factory=list)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    cards: dict[str, FakeCard] = field(default_factory=dict)
    placed: dict[tuple[PersonId, str], tuple[object, CaseId]] = field(default_factory=dict)
    links: dict[LinkId, PersonalLink] = field(default_factory=dict)
    told_of: dict[str, list[PersonId | None]] = field(default_factory=dict)

    # --- the port

    async def look(self, look):
        return self._pressed(look, self._case(look.case))

    async def act(self, begin, link=None):
        look, decide = begin()
        self._check(link, look.at)
        change = self._saved(decide(await self.look(look)))
        self._use_up(link, look.at)
        return change

    async def revise(self, case, revision, begin, link=None):
        look, decide = begin()
        self._check(link, look.at)
        case = self._case(case)
        terms = self.offers[case.order.offer]
        now = self._pressed(look, case)
        wanted = replace(case, agent=revision.agent if case.flow is Flow.VIA_AGENT else None)
        revised = situation(self, wanted, now.person, look.at)
        standing = standing_for(self, wanted, terms, revision)
        change = decide(replace(now, holders=revised.holders, rules=revised.rules, standing=standing), terms)
        self._use_up(link, look.at)
        return self._saved(change)

    async def place(self, wish, begin):
        at, decide = begin()
        person = self._person(wish.by)
        content = replace(wish, by="", key="", surface="")
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

    async def tell(self, lacking, announce):
        held = (each for each in self.roles if each.organisation == lacking.organisation)
        people = (each.person for each in held if each.role is Role.ADMINISTRATOR and self.people[each.person].active)
        told = self.told_of.setdefault(lacking.key, [])
        told += [each.person for each in announce(tuple(people)) if each.person not in told]

    async def tell_leads(self, missing, announce):
        if missing.key in self.told_of:
            return False
        leads = (each.person for each in self.roles if each.role is Role.CUSTOMER_SERVICE_LEAD)
        self.told_of[missing.key] = [each.person for each in announce(tuple(leads))]
        return True

    async def due(self, at, limit):
        self._review(at)
        waiting = {case.id: _due_at(case) for case in self.cases.values() if _due_at(case) <= at}
        return tuple(sorted(waiting, key=waiting.__getitem__)[:limit])

    # --- what happens around the cases

    def held(self, person, organisation, role, at):
        """The grants by which a person has a role at an instant, own and as substitute."""
        wanted = (person, organisation, role)
        return [each for each in grants(self, at) if (each.person, each.organisation, each.role) == wanted]

    def give(self, person, organisation, role, at, **scope):
        """Somebody gets a role, or another limit or service in the same one."""
        self.take(person, organisation, role, at)
        self.roles.append(Grant(person, organisation, Role(role), **scope))

    def take(self, person, organisation, role, at):
        """Somebody loses a role."""
        taken = (person, organisation, role)
        self.roles[:] = [each for each in self.roles if (each.person, each.organisation, each.role) != taken]
        self.reviews.append((organisation, at))

    def substitute(self, absent, substitute, organisation, role, start, end):
        """Somebody decides in another's place for a time."""
        self.substitutions.append(Substitution(absent, substitute, organisation, Role(role), start, end))
        self.reviews += [(organisation, start), (organisation, end)]

    def leave(self, person, at):
        """Somebody's account is turned off, and nothing that the person had comes back with it."""
        self.people[person] = replace(self.people[person], active=False)
        self.reviews += [(each.organisation, at) for each in self.roles if each.person == person]
        self.roles[:] = [each for each in self.roles if each.person != person]
        self.substitutions[:] = [each for each in self.substitutions if person not in {each.absent, each.substitute}]

    def reprice(self, offer, at, **changes):
        """Every price of an offer changes today."""
        terms = self.offers[offer]
        self.offers[offer] = replace(terms, prices=tuple(replace(each, **changes) for each in terms.prices))
        self.reviews.append((offer, at))

    # --- writing

    def _check(self, link, at):
        if link is not None and link not in self.links:
            raise errors.LinkUnknown
        if link is not None:
            check(self.links[link], Purpose.DECIDE, at)

    def _use_up(self, link, at):
        if link is not None:
            self.links[link] = replace(self.links[link], used_at=at)

    def _saved(self, change):
        assert self.cases[change.event.before.id].revision == change.event.before.revision
        self._save(change)
        return change

    def _save(self, change):
        case = change.event.after
        self.cases[case.id] = case
        self.history.append(change)
        if case.flow is Flow.AGENT_ASSIGNMENT and change.event.decision.action is Action.SEND_INSTRUCTIONS:
            self.assignments.add((case.customer, self.offers[case.order.offer].service))
        for card in [each for each in self.cards.values() if each.case == case.id]:
            if card.kind in change.outbox.repaint:
                self.cards[card.id] = replace(card, must_show=case.revision)
        for card in change.outbox.cards:
            made = FakeCard(card.id, case.id, card.kind, card.part, card.person, case.revision, case.step)
            self.cards[card.id] = made

    def _review(self, at):
        changed = {about for about, due_at in self.reviews if due_at <= at}
        self.reviews[:] = [each for each in self.reviews if each[1] > at]
        for case in self.cases.values():
            about = {case.customer, case.agent, case.order.offer}
            if find(case.flow, case.state, Action.REVIEW) and about & changed:
                self.cases[case.id] = replace(case, review_at=min(case.review_at or at, at))

    # --- reading

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

    def _pressed(self, look, case):
        place = CardPlace(look.card, None, None) if look.card in self.cards else None
        return replace(situation(self, case, self._person(look.by), look.at), card=place)

    def _terms(self, wish):
        if wish.offer not in self.offers or wish.offer in self.inactive_offers:
            raise errors.FormError(fields={"offer": "unknown"})
        return self.offers[wish.offer]

    def _draft(self, wish, person, terms, at):
        for field_name, organisation in (("customer", wish.customer), ("agent", wish.agent)):
            if organisation is not None and organisation not in self.organisations:
                raise errors.FormError(fields={field_name: "unknown"})
        blank = Case(
            id=CaseId(""),
            flow=terms.flow,
            state=State.DRAFT,
            customer=wish.customer,
            agent=wish.agent if terms.flow is Flow.VIA_AGENT else None,
            orderer=person,
            content=Order(wish.offer, wish.units, wish.invoice_ref),
            created_at=at,
            waiting_since=at,
        )
        return replace(situation(self, blank, person, at), standing=standing_for(self, blank, terms, wish))


def _due_at(case):
    return min((each for each in (case.due_at, case.review_at) if each), default=NEVER)


def seeded_world():
    """The small world of tests/support/world/seed.py, in memory."""
    from tests.support.world import seed

    return FakeWorld(
        organisations={each.id: each for each in map(seed.organisation, seed.ORGANISATIONS)},
        people={each[0]: Person(each[0], each[1], f"{each[0]}@example.org") for each in seed.PEOPLE},
        roles=[
            Grant(each[0], at, Role(role), seed.LIMITS.get((each[0], at, role)))
            for each in seed.PEOPLE
            for at, role in each[3]
        ],
        substitutions=[Substitution(*each[:3], Role(each[3]), *each[4:]) for each in seed.SUBSTITUTIONS],
        reviews=[(each[2], at) for each in seed.SUBSTITUTIONS for at in each[4:]],
        identities={Identity(seed.TEAM, seed.slack_user(each[0])): each[0] for each in seed.PEOPLE},
        offers={each[0]: seed.terms(each[0]) for each in seed.OFFERS},
        agreements={
            (seed.REGION, AgreementType.KUNDAVTAL),
            (seed.CLINIC, AgreementType.KUNDAVTAL),
            (seed.AGENT, AgreementType.AGENTAVTAL),
        },
        assignments={(seed.AGENT, "npo")},
    )
