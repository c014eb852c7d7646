"""An honest small world of cases in memory, with the commit semantics of the real stores."""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.api import (
    TRAITS,
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
    Role,
    Rules,
    State,
    find,
)
from core.catalogue.offers import terms_in
from core.identity.personal_links import check_link
from core.ports.cases import Sent
from core.shared import errors
from tests.fakes.reading import grants, held_since, situation, standing_for

# What a use case writes, and what it undoes when it raises.
WRITTEN = ("cases", "history", "cards", "placed", "links", "told", "assignments")
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
    """Implements core.ports.cases.CaseRepository and Transaction over dictionaries, which tests change as life does.

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
    told: dict[str, list[PersonId | None]] = field(default_factory=dict)

    # --- the port

    async def look(self, query):
        return self._pressed(query, self._case(query.case))

    async def press(self, use_case):
        return await self.transact(use_case)

    async def transact(self, use_case):
        kept = {name: copy(getattr(self, name)) for name in WRITTEN}
        try:
            return await use_case(self)
        except Exception:
            for name, value in kept.items():
                setattr(self, name, value)
            raise

    async def holders(self, roles, at, organisation=None):
        held = (each for each in self.roles if each.role in roles and organisation in (None, each.organisation))
        return tuple(dict.fromkeys(each.person for each in held if self.people[each.person].active))

    async def due(self, at, limit):
        self._review(at)
        waiting = {case.id: _due_at(case) for case in self.cases.values() if _due_at(case) <= at}
        return tuple(sorted(waiting, key=waiting.__getitem__)[:limit])

    # --- the unit of work

    async def load(self, query):
        context = await self.look(query)
        if query.ends:
            since = held_since(self, context.case)
            return replace(context, standing=replace(context.standing, held_since=since))
        return context if query.revision is None else self._revised(query, context)

    async def save(self, change):
        if self.cases[change.event.before.id].revision != change.event.before.revision:
            return False
        self._save(change)
        return True

    async def take_turn(self, case):
        self._case(case)

    async def use_up(self, link, purpose, at):
        if link not in self.links:
            raise errors.LinkUnknown
        check_link(self.links[link], purpose, at)
        self.links[link] = replace(self.links[link], used_at=at)
        return self.links[link]

    async def find_sent(self, command):
        person = self._person(command.by)
        if (person, command.key) not in self.placed:
            return Sent(person, None)
        before, case = self.placed[person, command.key]
        if before != _content(command):
            raise errors.KeyReused(case=case)
        return Sent(person, self.cases[case])

    async def load_draft(self, command, person, at):
        return self._draft(command, person, self._terms(command), at)

    async def is_taken(self, case):
        return case in self.cases

    async def save_new(self, change, command):
        case = change.event.after
        self._save(change)
        self.placed[case.orderer, command.key] = (_content(command), case.id)

    async def told_of(self, key):
        return frozenset(self.told.get(key, ()))

    async def tell(self, alarm, cards):
        self.told[alarm.key] = [*self.told.get(alarm.key, ()), *(card.person for card in cards)]

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
        person = self.identities.get(by) if isinstance(by, Identity) else by.person
        if person is None or person not in self.people:
            raise errors.NotLinked
        if not self.people[person].active:
            raise errors.PersonInactive
        return person

    def _pressed(self, query, case):
        place = CardPlace(query.card, None, None) if query.card in self.cards else None
        return replace(situation(self, case, self._person(query.by), query.at), card=place)

    def _revised(self, query, context):
        case, revision = context.case, query.revision
        terms = self._as(case.flow, self.offers[case.order.offer])
        agent = case.agent if case.flow is Flow.TERMINATION else revision.agent
        wanted = replace(case, agent=agent if TRAITS[case.flow].asks_for_agent else None)
        around = situation(self, wanted, context.person, query.at)
        standing = standing_for(self, wanted, terms, revision, query.at)
        return replace(context, holders=around.holders, rules=around.rules, standing=standing, terms=terms)

    def _terms(self, wish):
        is_out = wish.offer in self.inactive_offers and wish.flow is None
        if wish.offer not in self.offers or is_out:
            raise errors.FormError(fields={"offer": "unknown"})
        return self._as(wish.flow, self.offers[wish.offer])

    def _as(self, flow, terms):
        """The terms of an offer, or of the end of what somebody has of it."""
        return terms_in(flow or terms.flow, terms)

    def _draft(self, wish, person, terms, at):
        for field_name, organisation in (("customer", wish.customer), ("agent", wish.agent)):
            if organisation is not None and organisation not in self.organisations:
                raise errors.FormError(fields={field_name: "unknown"})
        blank = Case(
            id=CaseId(""),
            flow=terms.flow,
            state=State.DRAFT,
            customer=wish.customer,
            agent=wish.agent if TRAITS[terms.flow].asks_for_agent else None,
            orderer=person,
            content=Order(wish.offer, wish.units, wish.invoice_ref),
            created_at=at,
            waiting_since=at,
        )
        standing = standing_for(self, blank, terms, wish, at)
        return replace(situation(self, blank, person, at), standing=standing, terms=terms)


def _content(command):
    """What is asked for, whoever asks and from where."""
    return replace(command, by="", key="", surface="")


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
