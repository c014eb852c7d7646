"""Everything that can be drawn of an organisation's register: the home tab, screens, forms and cards, in a language."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.views.home import home
from bot.views.organisations.administered import AdministeredOrganisation, AdministrationSection
from bot.views.organisations.channel_forms import ChannelsModal
from bot.views.organisations.holdings import AgreementLinkModal, HoldingsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal, RulesModal
from bot.views.organisations.role_forms import EndRoleModal, GrantModal, GuestModal, RenameModal, RoleModal, UnlinkModal
from bot.views.organisations.screens import OrganisationModal, OrganisationsModal, PeopleModal, PersonModal
from core.api import (
    Administered,
    AgreementType,
    Capacity,
    CardId,
    CaseId,
    Conveyed,
    CustomerCategory,
    Happened,
    HeldAgreement,
    HeldRole,
    HeldService,
    Holdings,
    Identity,
    InvoiceData,
    Language,
    Member,
    Missing,
    Notified,
    OfferId,
    Organisation,
    OrganisationId,
    OrganisationKind,
    OwnSlack,
    Part,
    Person,
    PersonId,
    Readiness,
    Role,
    RoleChannel,
    Rules,
    Seen,
    Stands,
    Tier,
    WaitingGuest,
)
from notifications.render.button_values import Pointer
from notifications.render.drawings import draw_card
from notifications.render.pieces.facts import RegisterNews
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import loose
from tests.support.drawn.sent import Made
from tests.support.world import builders

Drawing = tuple[str, str, Made]

TODAY = date(2026, 3, 12)
POINTER = Pointer("test", CardId(""), CaseId(""), Seen(0, 0))
METADATA = "\n".join((POINTER.value(), "O23456789BC", "55", "person:O23456789BC:P23456789BC"))
# As long as names, addresses and texts may be.
LONG = "Åå<&>*_`" * 25
GUESTS = tuple(WaitingGuest(Identity(f"slack:T{number}", "U1"), LONG) for number in range(2))
LONG_EMAIL = f"{'å' * 240}@example.org"[:254]
REGION = Organisation(
    OrganisationId("O23456789BC"),
    "Region Exempel",
    "2321000016",
    org_number_is_personal=False,
    kinds=frozenset({OrganisationKind.CUSTOMER}),
    category=CustomerCategory.REGION,
)
READY, NOT_READY = Readiness((), does_order=True), Readiness((Missing.ATTESTANT,), does_order=True)
SERVICES = {f"service-{number}": dict.fromkeys(Language, LONG) for number in range(120)}


def administered(**changes: Any) -> Administered:
    """An organisation with little in it."""
    return replace(Administered(REGION, Capacity.ADMINISTRATOR, NOT_READY, Rules(), InvoiceData()), **changes)


def fullest() -> Administered:
    """An organisation of everything, with names as long as they may be and all that may be said."""
    people = {PersonId(f"P{number}"): LONG_EMAIL for number in range(10)}
    tiers = tuple(Tier(10**12 - number, 1, tuple(people)) for number in range(10))
    return administered(
        organisation=replace(REGION, name=LONG, kinds=frozenset(OrganisationKind)),
        readiness=Readiness(tuple(Missing), does_order=True),
        rules=Rules(self_attest_allowed=True, eid_from_ore=10**12, tiers=tiers),
        invoices=InvoiceData(LONG * 2, LONG[:100], dict.fromkeys(SERVICES, LONG[:100])),
        services=SERVICES,
        sequence=people,
    )


def held(role: Role = Role.ATTESTANT, number: int = 55, **changes: Any) -> HeldRole:
    """A role that goes on."""
    return replace(HeldRole(number, role, builders.AT, None, 5_000_000), **changes)


def members(count: int, name: str = "Bo Lund", email: str = "bo.lund@example.org") -> list[Member]:
    """So many people with every role."""
    roles = tuple(held(role, number, until=builders.AT + timedelta(days=30)) for number, role in enumerate(Role))
    return [Member(Person(PersonId(f"P{number:010}"), name, email), roles) for number in range(count)]


def of_register(language: Language) -> Iterator[Drawing]:
    """Screens, forms, cards and the home tab."""
    yield from _screens(language)
    yield from _forms(language)
    yield from _homes(language)
    for name, facts in register_cards():
        yield f"{language}: {name}", "message", draw_card(facts, None, language)


def _screens(language: Language) -> Iterator[Drawing]:
    for size, about, people in (
        ("small", administered(), members(1)),
        ("large", fullest(), members(30, LONG, LONG_EMAIL)),
        ("empty", administered(readiness=READY), []),
    ):
        name = f"{language}: {size} organisation"
        yield name, "modal", OrganisationModal.build(about, POINTER, language)
        yield f"{name}, people", "modal", PeopleModal.build(about.organisation, people, POINTER, language)
        later = PeopleModal.build(about.organisation, people, POINTER, language, PersonId("P1"))
        yield f"{name}, later people", "modal", later
        waiting = [replace(each, guests=GUESTS) for each in people]
        listed = PeopleModal.build(about.organisation, waiting, POINTER, language)
        yield f"{name}, people who wait as guests", "modal", listed
        if people:
            roles = replace(people[0], roles=people[0].roles * 5)
            yield f"{name}, person", "modal", PersonModal.build(about, roles, POINTER, language)
            linked = replace(roles, may_be_unlinked=True, guests=GUESTS)
            yield f"{name}, linked person", "modal", PersonModal.build(about, linked, POINTER, language)
    sole = replace(REGION, org_number_is_personal=True)
    for name, held_there, start in holdings():
        places = [(REGION.id, LONG), (OrganisationId("OTHER"), "Kliniken")]
        for listed in (places, places[:1]):
            drawn = HoldingsModal.build(places[0], listed, held_there, POINTER, language, start=start, can_read=True)
            yield f"{language}: holdings of {len(listed)}, {name}", "modal", drawn
    link = AgreementLinkModal.build("https://exempel.se/l/token?lang=sv", builders.AT, language)
    yield f"{language}: a link to an agreement", "modal", link
    for count in (0, 1, 100):
        found = [replace(sole, id=OrganisationId(f"O{number}"), name=LONG) for number in range(count)]
        yield f"{language}: {count} organisations", "modal", OrganisationsModal.build(found, POINTER, language)


def holdings() -> Iterator[tuple[str, Holdings, int]]:
    """What an organisation has: nothing, and more than a page of everything there is."""
    yield "nothing", Holdings(), 0
    words, agent = dict.fromkeys(Language, LONG), OrganisationId("OAGENT")
    services = tuple(
        HeldService(
            "npo", words, OfferId(f"offer-{n}"), words, each, builders.AT, 200, 3, agent, LONG, CaseId("B-7GKX2QP")
        )
        for n in range(30)
        for each in Stands
    )
    agreements = (
        HeldAgreement(AgreementType.KUNDAVTAL, builders.AT, None, "2.0", "a" * 64, 2),
        HeldAgreement(AgreementType.AGENTAVTAL, builders.AT, builders.AT),
    )
    earlier = (HeldAgreement(AgreementType.KUNDAVTAL, builders.AT, builders.AT, "1.0", "b" * 64, 2),) * 30
    conveys = (Conveyed("npo", words, builders.AT, None), Conveyed("siths", words, builders.AT, builders.AT))
    yield "everything", Holdings(services, agreements, conveys, reads_documents=True), 0
    yield "earlier agreements", Holdings((), agreements + earlier, (), reads_documents=True), 0
    yield "the last of it", Holdings(services, (HeldAgreement(AgreementType.KUNDAVTAL, None, None),), conveys), 60


def _forms(language: Language) -> Iterator[Drawing]:
    for size, about, member in (
        ("small", administered(), members(1)[0]),
        ("large", fullest(), members(1, LONG, LONG_EMAIL)[0]),
    ):
        name = f"{language}: {size} form"
        yield f"{name}, person", "modal", GrantModal.build(about, METADATA, language, TODAY)
        yield f"{name}, more roles", "modal", GrantModal.build(about, METADATA, language, TODAY, member.person)
        for each in (held(), held(Role.ORDERER, until=builders.AT, limit_ore=None)):
            yield f"{name}, {each.role}", "modal", RoleModal.build(about, member, each, METADATA, language)
            yield f"{name}, end {each.role}", "modal", EndRoleModal.build(about, member, each, METADATA, language)
        yield f"{name}, rename", "modal", RenameModal.build(about, member, METADATA, language)
        yield f"{name}, unlink", "modal", UnlinkModal.build(about, member, METADATA, language)
        yield f"{name}, guest", "modal", GuestModal.build(about, member, GUESTS[0], METADATA, language)
        yield f"{name}, invoices", "modal", InvoiceModal.build(about, METADATA, language)
        yield f"{name}, rules", "modal", RulesModal.build(about, METADATA, language)
        yield f"{name}, language", "modal", LanguageModal.build(about, METADATA, language)
        yield f"{name}, channels", "modal", ChannelsModal.build(about, METADATA, language)
        chosen = channelled(about)
        yield f"{name}, lost channels", "modal", ChannelsModal.build(chosen, METADATA, language)
        yield (
            f"{name}, Slack's list of channels",
            "modal",
            ChannelsModal.build(chosen, METADATA, language, at="slack:T1"),
        )


def channelled(about: Administered) -> Administered:
    """The same organisation, with a Slack of its own in which neither of its channels takes a message."""
    kinds = frozenset({OrganisationKind.CUSTOMER, OrganisationKind.AGENT})
    channels = [
        RoleChannel(Role.AGENT_HANDLER, "C0123456789", Notified.ALL, asked_only=True, problem="not_in_channel"),
        RoleChannel(Role.ATTESTANT, "C0123456780", Notified.NOBODY, name=LONG, problem="other_error"),
    ]
    there = replace(about.organisation, kinds=kinds)
    return replace(about, organisation=there, channels=channels, slack=OwnSlack("slack:T1", LONG))


def _homes(language: Language) -> Iterator[Drawing]:
    for name, about in administrations():
        facts = home.HomeFacts("test", "Anna Ek", administration=about)
        yield f"{language}: home, {name}", "home", home.build(facts, language)


def administrations() -> Iterator[tuple[str, AdministrationSection]]:
    """What one may administer: one organisation, more than are shown, every one."""
    yield "an administrator", AdministrationSection([AdministeredOrganisation(REGION.id, REGION.name, READY)])
    yield (
        "of many",
        AdministrationSection([AdministeredOrganisation(OrganisationId(f"O{n}"), LONG, NOT_READY) for n in range(6)]),
    )
    everything = Readiness(tuple(Missing), does_order=True)
    yield (
        "at customer service",
        AdministrationSection([AdministeredOrganisation(REGION.id, LONG, everything)], serves=True),
    )
    yield "serving alone", AdministrationSection(serves=True)


def told(happened: Happened, **evidence: Any) -> RegisterNews:
    """A line of history that a card tells of."""
    return RegisterNews(happened, builders.AT, "Region Exempel", "O23456789BC", "Ada Norén", "Bo Lund", evidence)


def register_cards() -> Iterator[tuple[str, Any]]:
    """Every card about a register, as it may come to be."""
    since, until = builders.AT.isoformat(), (builders.AT + timedelta(days=30)).isoformat()
    for role in Role:
        terms = {"role": role, "valid_from": since, "attest_limit_ore": 5_000_000}
        for name, line in (
            ("given", told(Happened.GRANTED, **terms)),
            ("changed", told(Happened.CHANGED, **terms, before={"attest_limit_ore": 100})),
            ("ending", told(Happened.ENDED, **terms, valid_to=until)),
            ("ended", told(Happened.ENDED, **terms, valid_to=since)),
        ):
            yield f"{role} {name}", _card(CardKind.ROLE, line)
            yield f"{role} {name} told", _card(CardKind.COLLEAGUE_ROLE, line)
    wide = told(Happened.CHANGED, role=Role.ATTESTANT, valid_from=since, before={"attest_limit_ore": 100})
    yield "own authority", _card(CardKind.OWN_AUTHORITY, replace(wide, by=None, service=dict.fromkeys(Language, LONG)))
    lent = told(Happened.SET, role=Role.ATTESTANT, substitute="PADA", valid_from=since, valid_to=until)
    yield "own substitute", _card(CardKind.OWN_SUBSTITUTE, lent)
    tiers = [{"from_ore": 10**12, "attests": 10, "sequence": ["P1"] * 10}] * 10
    rules = told(Happened.CHANGED, self_attest_allowed=True, eid_from_ore=100, tiers=tiers)
    yield "rules", _card(CardKind.RULES, replace(rules, organisation=LONG, by=LONG))
    none = told(Happened.CHANGED, self_attest_allowed=False, tiers=[], before={"eid_from_ore": 100})
    yield "fewer rules", _card(CardKind.RULES, none)
    before = {"reminder_days": 1, "reminder_hour": 9}
    later = told(Happened.CHANGED, reminder_days=4, reminder_hour=14, before=before)
    yield "other reminders", _card(CardKind.RULES, replace(later, organisation=LONG, by=LONG))
    yield "renamed", _card(CardKind.RENAMED, replace(told(Happened.RENAMED), about=LONG))
    yield "own name", _card(CardKind.OWN_NAME, replace(told(Happened.RENAMED), organisation=LONG, about=LONG))
    yield "invoices", _card(CardKind.INVOICES, told(Happened.INVOICED, changed=["invoice_ref"]))
    chosen = {"role": Role.AGENT_HANDLER, "channel": "C0123456789", "notified": Notified.ASKED, "asked_only": True}
    yield "channels", _card(CardKind.CHANNELS, replace(told(Happened.CHANNELLED, **chosen), organisation=LONG, by=LONG))
    named = told(Happened.CHANNELLED, **chosen, name="attester")
    yield "a channel by its name", _card(CardKind.CHANNELS, replace(named, organisation=LONG, by=LONG))
    yield "no channel", _card(CardKind.CHANNELS, told(Happened.CHANNELLED, role=Role.ATTESTANT))
    yield "ready", _card(CardKind.READY, told(Happened.GRANTED, role=Role.ATTESTANT, valid_from=since))


def _card(kind: CardKind, line: RegisterNews) -> Any:
    return loose(kind, Part.CUSTOMER_ADMINISTRATOR, told=line)
