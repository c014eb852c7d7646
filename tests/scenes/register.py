"""What an organisation keeps: people, roles, rules, invoices, and who is away."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bot.views.home import home
from bot.views.home.home_absences import Absence, AbsenceSection
from bot.views.organisations.channel_forms import ChannelsModal
from bot.views.organisations.holdings import HoldingsModal
from bot.views.organisations.register_forms import InvoiceModal, LanguageModal, RulesModal
from bot.views.organisations.screens import PeopleModal, PersonModal
from core.api import (
    AgreementType,
    CaseId,
    Happened,
    HeldAgreement,
    Holdings,
    InvoiceData,
    Language,
    Member,
    OrganisationId,
    Part,
    Person,
    PersonId,
    Role,
    Rules,
    Side,
    State,
    StepTimes,
    StillWaiting,
    Tier,
    WeekView,
)
from notifications.render.pieces.facts import RegisterNews
from notifications.rules.announcements import CardKind
from notifications.texts import day, money, span
from tests.scenes.scene import SV, Scene, meaning
from tests.support.drawn.cards import loose, message
from tests.support.drawn.register_views import METADATA as REGISTER_METADATA
from tests.support.drawn.register_views import POINTER, administered, channelled, held
from tests.support.drawn.sent import as_sent
from tests.support.world.builders import AT

FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


FIRST, LAST = date(2026, 7, 1), date(2026, 7, 31)


def of_absences() -> Iterator[Scene]:
    first, last = span(SV, FIRST, LAST)
    said = meaning(
        ("Frida Frånvarande", "absent"), ("Sven Ställföreträdare", "substitute"), ("Region Exempel", "organisation"),
        ("attestant", "role"), (first, "first day"), (last, "last day"),
    )  # fmt: skip
    for mine in ("", "yes"):
        for at in (AT, AT + timedelta(days=300)):
            facts = loose(CardKind.SUBSTITUTE, Part.ORDERER, note=_substitution(mine), at=at)
            yield Scene(f"a substitute, {mine}", said, lambda facts=facts: [message(facts, None, SV)])
    yield Scene("absences at home", said, _absent_at_home)


def _substitution(mine: str) -> Mapping[str, str]:
    return {
        "mine": mine, "absent": "Frida Frånvarande", "substitute": "Sven Ställföreträdare", "role": "attestant",
        "organisation": "Region Exempel", "from": FIRST.isoformat(), "to": LAST.isoformat(),
        "until": (AT + timedelta(days=200)).isoformat(),
    }  # fmt: skip


def _absent_at_home() -> Iterator[object]:
    placed = {"role": Role.ATTESTANT, "organisation": "Region Exempel", "first": FIRST, "last": LAST}
    listed = [
        Absence(number, absent, substitute, **placed)
        for number, (absent, substitute) in enumerate(
            [
                (None, "Sven Ställföreträdare"),
                ("Frida Frånvarande", None),
                ("Frida Frånvarande", "Sven Ställföreträdare"),
            ]
        )
    ]
    yield as_sent(home.build(home.HomeFacts("test", "Anna Ek", absences=AbsenceSection(listed)), SV))


def of_weeks() -> Iterator[Scene]:
    monday = date(2026, 11, 23)
    said = meaning(
        ("48", "week"), ("Region Exempel", "organisation"), ("41", "placed"),
        ("42", "finished"), ("43", "refused"), ("2 timmar", "median"), ("3 arbetsdagar", "slowest"), ("44", "count"),
    )  # fmt: skip
    several = StepTimes(Side.CUSTOMER, State.AWAITING_CUSTOMER_ATTEST, 44, timedelta(hours=2), timedelta(hours=24))
    once = StepTimes(Side.CUSTOMER, State.AWAITING_CUSTOMER_SERVICE, 1, timedelta(hours=2), timedelta(hours=2))
    waits = StillWaiting(Side.CUSTOMER, CaseId("B-23456789"), State.AWAITING_CUSTOMER_ATTEST, AT)
    week = WeekView(Side.CUSTOMER, monday, AT, 41, 42, 43, 1, (several, once), (waits,))
    for name in ("Region Exempel", ""):
        facts = loose(CardKind.WEEKLY_REPORT, Part.CUSTOMER_ADMINISTRATOR, note={"organisation": name}, week=week)
        yield Scene(f"a week, {name}", said, lambda facts=facts: [message(facts, None, SV)])


def of_registers() -> Iterator[Scene]:
    said = meaning(
        ("Region Exempel", "organisation"), ("Ada Ansvarig", "who changed it"), ("Bo Berörd", "whose role"),
        ("administratör", "role"), ("attestant", "role"), ("beställare", "role"),
        ("11\u00a0april\u00a02026", "last day"), ("10\u00a0april\u00a02026", "last day"),
        (day(SV, AT), "first day"), ("12\u00a0mars", "first day"),
        (money(SV, 5_000_000), "limit"), (money(SV, 5_000_000), "now"), (money(SV, 100), "before"),
        (money(SV, 900_000), "amount"), ("service-1", "service"), ("Tjänst Ett", "service"), ("REF-1", "reference"),
        ("anna@exempel.se", "address"), ("Anna Ek", "person"), ("2.0", "version"), ("a" * 12, "hash"),
        ("a" * 64, "hash"),
    )  # fmt: skip
    yield Scene("register", said, _register_drawn)


def _register_drawn() -> Iterator[object]:
    for role in (Role.ADMINISTRATOR, Role.ATTESTANT):
        for happened, more in (
            (Happened.GRANTED, {}),
            (Happened.CHANGED, {"before": {"attest_limit_ore": 100}}),
            (Happened.ENDED, {"valid_to": (AT + timedelta(days=30)).isoformat()}),
            (Happened.ENDED, {"valid_to": AT.isoformat()}),
        ):
            evidence = {"role": role, "valid_from": AT.isoformat(), "attest_limit_ore": 5_000_000, **more}
            told = RegisterNews(happened, AT, "Region Exempel", "O23456789BC", "Ada Ansvarig", "Bo Berörd", evidence)
            kinds = (CardKind.ROLE, CardKind.COLLEAGUE_ROLE)
            yield from (message(loose(kind, Part.CUSTOMER_ADMINISTRATOR, told=told), None, SV) for kind in kinds)
    lent = {"role": Role.ATTESTANT, "valid_from": AT.isoformat(), "valid_to": (AT + timedelta(days=30)).isoformat()}
    own = RegisterNews(Happened.SET, AT, "Region Exempel", "O23456789BC", "Ada Ansvarig", "Bo Berörd", lent)
    renamed = RegisterNews(Happened.RENAMED, AT, "Region Exempel", "O23456789BC", "Ada Ansvarig", "Bo Berörd")
    for kind in (CardKind.RENAMED, CardKind.OWN_NAME):
        yield message(loose(kind, Part.CUSTOMER_ADMINISTRATOR, told=renamed), None, SV)
    yield message(loose(CardKind.OWN_SUBSTITUTE, Part.CUSTOMER_ADMINISTRATOR, told=own), None, SV)
    tiers = (Tier(900_000, 2),)
    services = {"service-1": dict.fromkeys(Language, "Tjänst Ett")}
    invoices = InvoiceData("", "", {"service-1": "REF-1"})
    about = administered(rules=Rules(tiers=tiers), services=services, invoices=invoices)
    roles = (held(), held(Role.ORDERER, until=AT + timedelta(days=30), limit_ore=None))
    member = Member(Person(PersonId("P1"), "Anna Ek", "anna@exempel.se"), roles)
    yield as_sent(PeopleModal.build(about.organisation, [member], POINTER, SV))
    yield as_sent(PersonModal.build(about, member, POINTER, SV))
    yield as_sent(InvoiceModal.build(about, REGISTER_METADATA, SV))
    yield as_sent(RulesModal.build(about, REGISTER_METADATA, SV))
    yield as_sent(LanguageModal.build(about, REGISTER_METADATA, SV))
    yield as_sent(ChannelsModal.build(channelled(about), REGISTER_METADATA, SV))
    there = {"channel": "C0123456789", "name": "attester"}
    chosen = {"role": Role.ATTESTANT, "notified": "asked", "asked_only": False} | there
    elsewhere = RegisterNews(Happened.CHANNELLED, AT, "Region Exempel", "O2", "Ada Ansvarig", "", chosen)
    yield message(loose(CardKind.CHANNELS, Part.CUSTOMER_ADMINISTRATOR, told=elsewhere), None, SV)
    tiers_told = RegisterNews(
        Happened.CHANGED, AT, "Region Exempel", "O2", "Ada Ansvarig", "",
        {"tiers": [{"from_ore": 900_000, "attests": 2}], "self_attest_allowed": False},
    )  # fmt: skip
    yield message(loose(CardKind.RULES, Part.CUSTOMER_ADMINISTRATOR, told=tiers_told), None, SV)
    later = RegisterNews(
        Happened.CHANGED, AT, "Region Exempel", "O2", "Ada Ansvarig", "",
        {"reminder_days": 4, "reminder_hour": 14, "before": {"reminder_days": 2, "reminder_hour": 9}},
    )  # fmt: skip
    yield message(loose(CardKind.RULES, Part.CUSTOMER_ADMINISTRATOR, told=later), None, SV)
    agreement = HeldAgreement(AgreementType.KUNDAVTAL, AT, None, "2.0", "a" * 64, 2)
    place = (OrganisationId("O2"), "Region Exempel")
    yield as_sent(
        HoldingsModal.build(place, [place], Holdings(agreements=(agreement,)), POINTER, SV, start=0, can_read=True)
    )
    yield as_sent(home.build(home.HomeFacts("test", "Anna Ek", roles=[("Region Exempel", [Role.ATTESTANT])]), SV))


def of_accounts() -> Iterator[Scene]:
    """Whom an account belongs to, and who was not reached."""
    note = {"why": "no_attestant", "organisation": "Region Exempel", "unreached": "Hans Roos"}
    not_ready = loose(CardKind.NOT_READY, Part.CUSTOMER_SERVICE, note=note)
    yield Scene(
        "nobody was reached",
        meaning(("Region Exempel", "organisation"), ("Hans Roos", "unreached")),
        lambda: [message(not_ready, None, SV)],
    )
    unpriced = {"since": AT.date().isoformat(), "sv": "Erbjudande Ett", "en": "Offer One"}
    yield Scene(
        "a price is missing",
        meaning(("Erbjudande Ett", "offer"), (day(SV, AT - timedelta(days=1)), "last day")),
        lambda: [message(loose(CardKind.PRICE_MISSING, Part.CUSTOMER_SERVICE, note=unpriced), None, SV)],
    )
    link = loose(CardKind.LINK, Part.ORDERER, note={"name": "Anna Ek", "email": "anna@exempel.se", "state": "offered"})
    yield Scene(
        "an account", meaning(("Anna Ek", "person"), ("anna@exempel.se", "address")), lambda: [message(link, None, SV)]
    )
    unlinked = {"name": "Anna Ek", "workspace": "Regionens Slack", "why": "operator"}
    told = loose(CardKind.UNLINKED, Part.CUSTOMER_ADMINISTRATOR, note=unlinked)
    yield Scene(
        "an account that is somebody's no longer",
        meaning(("Anna Ek", "person"), ("Regionens Slack", "workspace")),
        lambda: [message(told, None, SV)],
    )
    gone = {"organisation": "Region Exempel", "workspace": "Regionens Slack", "has_mail": "yes"}
    off = [loose(CardKind.SLACK_OFF, part, note=gone) for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE)]
    yield Scene(
        "a Slack that the app is gone from",
        meaning(("Region Exempel", "organisation"), ("Regionens Slack", "workspace")),
        lambda: [message(each, None, SV) for each in off],
    )
    guest = {"account": "slack:T1/U1", "person": "P-bo", "name": "Bo Ek", "workspace": "Regionens Slack"}
    guest |= {"organisation": "Region Exempel", "organisation_id": "O-region"}
    asked = [
        loose(CardKind.GUEST, part, note=guest | {"state": state})
        for part in (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE)
        for state in ("asked", "offered", "declined")
    ]
    yield Scene(
        "a guest's account that waits, or waits no more",
        meaning(("Bo Ek", "person"), ("Regionens Slack", "workspace"), ("Region Exempel", "organisation")),
        lambda: [message(each, None, SV) for each in asked],
    )
    lost = {"organisation": "Region Exempel", "role": "attestant", "channel": "#attester", "error": "not_in_channel"}
    parts = (Part.CUSTOMER_ADMINISTRATOR, Part.CUSTOMER_SERVICE)
    unreached = [loose(CardKind.CHANNEL_LOST, part, note=lost) for part in parts]
    yield Scene(
        "a channel that takes no messages",
        meaning(("Region Exempel", "organisation"), ("attestant", "role"), ("#attester", "channel")),
        lambda: [message(each, None, SV) for each in unreached],
    )
