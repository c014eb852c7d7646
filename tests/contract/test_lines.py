"""Whatever changes who decides, or who is reached, leaves a line of history in the same transaction."""

import asyncio
import json
from datetime import date, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from core.api import (
    AccountLinks,
    Action,
    AgreementType,
    Allowing,
    Asking,
    EndRole,
    EndSubstitution,
    OrganisationKind,
    Payer,
    Period,
    Price,
    PriceKind,
    PriceUnit,
    Role,
    SetSubstitute,
    Surface,
    Tier,
    Undoing,
    Undone,
    UnlinkAccounts,
    new_id,
)
from core.register.entries import (
    Holding,
    OfferEntry,
    OrganisationEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    ServiceEntry,
    SubstitutionEntry,
)
from core.shared.errors import RegisterError
from core.storage import tables
from core.storage.audit.sealing import Sealer
from core.storage.audit.verifying import verify
from core.storage.database.database import open_database
from core.storage.identity.accounts import SqlAccounts
from core.storage.identity.api_keys import Keys
from core.storage.register.loading import load
from core.storage.register.registry import Register
from core.storage.register.rows import lock_register
from core.storage.retention.personal_export import export_person
from notifications.rules.register_announcements import RegisterAnnouncements
from notifications.slack.pacing import buckets_to
from tests.contract import deeds
from tests.contract.commits import writing
from tests.contract.deeds import Scene
from tests.contract.ledger import SECRET
from tests.contract.office import identity, open_office
from tests.contract.test_database import until_waiting
from tests.support.world import seed
from tests.support.world.absent import absences
from tests.support.world.seed import ADA, AGENT, ANNA, BO, CECILIA, CLINIC, ERIK, KARIN, NOW, REGION

FIRST, LAST = date(2026, 12, 21), date(2027, 1, 6)
FROM_MAY = date(2030, 5, 1)
FILE = """organisations:
  - {name: Ny Region, org_number: "2321000016", kinds: [customer]}
"""


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
def register(office) -> Register:
    return Register(office.database, office.clock, new_id)


async def lines(office, kind):
    query = select(tables.history).where(tables.history.c.kind == kind).order_by(tables.history.c.id)
    return await office.database.read(lambda connection: connection.execute(query).all())


async def told(office, kind):
    """What was done, about whom, by whom in which way."""
    found = await lines(office, kind)
    return [(each.action, each.about_id, each.surface, json.loads(each.evidence)["by"]) for each in found]


async def test_a_role_granted_changed_and_ended_is_told_with_what_was(office, register) -> None:
    id_, _ = await register.write("KEY", lambda w: w.role(ANNA, REGION, RoleEntry(role=Role.ATTESTANT)))
    await register.write("KEY", lambda w: w.change_role(id_, RoleChange(attest_limit_ore=5_000)))
    await register.write("file", lambda w: w.end_role(id_, None))

    assert await told(office, "role") == [
        ("granted", ANNA, "api", "KEY"), ("changed", ANNA, "api", "KEY"), ("ended", ANNA, "file", "file"),
    ]  # fmt: skip
    _, changed, ended = [json.loads(each.evidence) for each in await lines(office, "role")]
    assert (changed["number"], changed["role"], changed["attest_limit_ore"]) == (id_, "attestant", 5_000)
    assert changed["before"] == {"attest_limit_ore": None}
    assert (ended["valid_to"], ended["before"]) == (NOW.isoformat(), {"valid_to": None})


async def test_what_is_written_again_as_it_was_is_not_told(office, register) -> None:
    for _ in range(2):
        await register.write("KEY", lambda w: w.role(ANNA, REGION, RoleEntry(role=Role.ATTESTANT)))

    assert len(await lines(office, "role")) == 1


async def test_what_is_rolled_back_leaves_no_line(office, register) -> None:
    def work(writer):
        writer.role(ANNA, REGION, RoleEntry(role=Role.ATTESTANT))
        writer.role(ANNA, REGION, RoleEntry(role=Role.AGENT_HANDLER))

    with pytest.raises(RegisterError):
        await register.write("KEY", work)

    assert await lines(office, "role") == []


async def test_a_substitute_set_and_ended_is_told_with_the_surface(office, register) -> None:
    away = absences(office.database, office.clock)
    made = await away.set_substitute(SetSubstitute(Asking(BO), REGION, Role.ATTESTANT, CECILIA, FIRST, LAST))
    await away.end_substitution(EndSubstitution(identity(BO), made.substitution.id))
    entry = SubstitutionEntry.model_validate({"role": "attestant", "from": FIRST, "to": LAST})
    await register.write("KEY", lambda w: w.substitution(REGION, CECILIA, BO, entry))

    by_bo, called_off, by_key = await lines(office, "substitution")
    assert (by_bo.action, by_bo.person_id, by_bo.about_id, by_bo.surface) == ("set", BO, BO, "web")
    assert json.loads(by_bo.evidence)["substitute"] == CECILIA
    assert (called_off.action, called_off.person_id) != (by_bo.action, None)
    assert (by_key.action, by_key.person_id, by_key.about_id, by_key.surface) == ("set", None, CECILIA, "api")


async def test_who_leaves_and_comes_back_is_told(office, register) -> None:
    for active in (False, False, True):
        entry = PersonEntry(email="bo@example.org", name="Bo Ek", active=active)
        await register.write("file", lambda w, entry=entry: w.person(entry))

    assert await told(office, "person") == [("left", BO, "file", "file"), ("came_back", BO, "file", "file")]


async def test_what_an_organisation_asks_of_decisions_is_told_with_what_it_asked_before(office, register) -> None:
    number = await office.database.read(
        lambda c: c.execute(
            select(tables.organisations.c.org_number).where(tables.organisations.c.id == REGION)
        ).scalar_one()
    )
    entry = OrganisationEntry(
        name="Region Exempel",
        org_number=number,
        kinds=[OrganisationKind.CUSTOMER],
        self_attest_allowed=True,
        eid_from_ore=10_000,
        reminder_days=4,
        reminder_hour=14,
    )
    for _ in range(2):
        await register.write("KEY", lambda w: w.organisation(entry))
        await register.write("KEY", lambda w: w.tiers(REGION, [Tier(0, 2, ())]))

    declared, tiers = [json.loads(each.evidence) for each in await lines(office, "organisation")]
    assert declared == {
        "by": "KEY", "self_attest_allowed": True, "eid_from_ore": 10_000, "reminder_days": 4, "reminder_hour": 14,
        "before": {"self_attest_allowed": False, "eid_from_ore": None, "reminder_days": 2, "reminder_hour": 9},
    }  # fmt: skip
    assert tiers["tiers"] == [{"from_ore": 0, "attests": 2, "sequence": []}]
    assert tiers["before"] == {"tiers": []}


async def test_an_organisation_that_gets_another_name_or_becomes_ineras_is_told_of(office, register) -> None:
    old = {"name": "Kliniken AB", "org_number": "555555-5555", "kinds": ["customer"], "category": "private_provider"}
    new = {"name": "Nya Inera", "org_number": "556000-0019", "kinds": ["inera"]}
    for changed in ({}, {"name": "Nya Kliniken"}, {"name": "Nya Kliniken", "kinds": ["customer", "agent"]}):
        await register.write("KEY", lambda w, changed=changed: w.organisation(OrganisationEntry(**old | changed)))
    id_, _ = await register.write("file", lambda w: w.organisation(OrganisationEntry(**new)))
    agent, _ = await register.write(
        "file", lambda w: w.organisation(OrganisationEntry(**new | {"org_number": "556000-0027", "kinds": ["agent"]}))
    )

    told = [
        (each.action, each.organisation_id, json.loads(each.evidence)) for each in await lines(office, "organisation")
    ]
    assert told == [
        ("renamed", CLINIC, {"by": "KEY"}),
        ("changed", CLINIC, {"by": "KEY", "kinds": ["agent", "customer"], "before": {"kinds": ["customer"]}}),
        ("set", id_, {"by": "file", "kinds": ["inera"]}),
        ("set", agent, {"by": "file", "kinds": ["agent"]}),
    ]


# What is told of an offer that is added, its names and texts by their hashes.
ADDED = {
    "by": "KEY", "offer": "ny", "service_id": "npo", "flow": "direct", "agent_field": "information",
    "needs_units": False, "categories": ["region"], "active": True, "sole_traders_only": False, "terms_url": "https://example.org/1",
}  # fmt: skip
WORDS = {"sv": "Ny", "en": "New"}
OFFERED = {
    "name": WORDS, "template": WORDS, "flow": "direct", "categories": ["region"], "terms_url": "https://example.org/1",
}  # fmt: skip
# What may become another of an offer, and how the line says so.
CHANGED = {
    "agent_field": {"agent": "none"},
    "needs_units": {"needs_units": True},
    "categories": {"categories": ["region", "municipality"]},
    "terms_url": {"terms_url": "https://example.org/2"},
    "active": {"active": False},
    "sole_traders_only": {"sole_traders_only": True},
    "flow": {"flow": "agent_assignment"},
}


async def test_what_may_be_ordered_is_told_with_what_it_was_before(office, register) -> None:
    offered = OFFERED | {"agent": "information"}
    for changed in ({}, {}, *CHANGED.values()):
        offered |= changed
        entry = OfferEntry(**offered)
        await register.write("KEY", lambda w, entry=entry: w.offer("ny", "npo", entry))

    added, *changes = await lines(office, "offer")
    told = json.loads(added.evidence)
    assert (added.action, {each.action for each in changes}, added.surface) == ("set", {"changed"}, "api")
    assert told.items() >= ADDED.items()
    for what, line in zip(CHANGED, changes, strict=True):
        became = json.loads(line.evidence)
        assert (became.pop("before"), became[what] != told[what]) == ({what: told[what]}, True)
        assert became == told | {what: became[what]}
        told = became


async def test_texts_of_what_may_be_ordered_are_told_by_their_hashes(office, register) -> None:
    other = {"sv": "Annat", "en": "Another"}
    for each in ({}, {"name": other}, {"template": other}):
        entry = OfferEntry(**OFFERED | each)
        await register.write("file", lambda w, entry=entry: w.offer("ny", "npo", entry))
    for service in (ServiceEntry(name=WORDS), ServiceEntry(name=WORDS, handles_personal_data=True)):
        await register.write("file", lambda w, service=service: w.service("nytt", service))
    await register.write("KEY", lambda w: w.service("nytt", ServiceEntry(name=other)))

    offers, services = await lines(office, "offer"), await lines(office, "service")
    told = [json.loads(each.evidence) for each in (*offers, *services)]
    assert [each.action for each in (*offers, *services)] == ["set", *2 * ["changed"], "set", *2 * ["changed"]]
    assert [[*each.get("before", ())] for each in told] == [
        [], ["name"], ["name", "template"], [], ["handles_personal_data"], ["name"],
    ]  # fmt: skip
    assert not any(word in each.evidence for each in (*offers, *services) for word in ("Annat", "Another"))


async def test_a_category_of_an_organisation_is_told_with_the_one_before(office, register) -> None:
    old = {"name": "Kliniken AB", "org_number": "555555-5555", "kinds": ["customer"]}
    for category in ("municipality", "municipality"):
        entry = OrganisationEntry(**old, category=category)
        await register.write("KEY", lambda w, entry=entry: w.organisation(entry))

    [line] = await lines(office, "organisation")
    assert (line.action, line.organisation_id) == ("changed", CLINIC)
    assert json.loads(line.evidence) == {
        "by": "KEY", "category": "municipality", "before": {"category": "private_provider"},
    }  # fmt: skip


async def test_a_person_who_gets_another_name_is_told_of_and_the_names_are_not(office, register) -> None:
    for name in ("Bo Ek", "Bo Alm", "Bo Alm"):
        await register.write("KEY", lambda w, name=name: w.person(PersonEntry(email="bo@example.org", name=name)))

    [line] = await lines(office, "person")
    assert (line.action, line.about_id, json.loads(line.evidence)) == ("renamed", BO, {"by": "KEY"})


async def test_what_something_costs_is_told_with_what_it_cost_before(office, register) -> None:
    def price(amount, until=None):
        return Price(Payer.CUSTOMER, PriceKind.STARTUP, PriceUnit.CARE_UNIT, amount, Period.YEAR, FROM_MAY, until)

    for each in (price(100), price(100), price(250), price(250, date(2030, 12, 31))):
        await register.write("KEY", lambda w, each=each: w.prices(seed.SITHS, [each]))

    told = [(each.action, json.loads(each.evidence)) for each in await lines(office, "price")]
    which = {
        "by": "KEY", "offer": seed.SITHS, "payer": "customer", "kind": "startup", "unit": "care_unit",
        "valid_from": "2030-05-01", "period": "year",
    }  # fmt: skip
    assert told == [
        ("set", {**which, "amount_ore": 100}),
        ("changed", {**which, "amount_ore": 250, "before": {"amount_ore": 100}}),
        ("changed", {**which, "amount_ore": 250, "valid_to": "2030-12-31", "before": {"valid_to": None}}),
    ]


async def test_a_key_that_is_made_or_revoked_is_told_of_without_its_secret(office) -> None:
    keys = Keys(office.database)
    token = await keys.create(new_id, NOW, "Portalen", None)
    id_ = token.split("_")[1]
    await keys.create(new_id, NOW, "Annas", (ANNA, REGION))
    ended = [await keys.revoke(id_, NOW) for _ in range(2)]

    told = [(each.action, each.about_id, each.organisation_id, each.surface) for each in await lines(office, "key")]
    first = json.loads((await lines(office, "key"))[0].evidence)
    assert told == [("granted", None, None, "file"), ("granted", ANNA, REGION, "file"), ("ended", None, None, "file")]
    assert first == {"by": "command", "number": id_, "is_operators": True}
    assert ended == [True, False]


async def test_agreements_and_assignments_that_begin_and_end_are_told(office, register) -> None:
    last, day = date(2026, 12, 31), date(2026, 1, 1)
    for ended in (None, None, last, date(2027, 1, 31)):
        held = Holding.model_validate({"from": day, "ended": ended})
        await register.write("file", lambda w, held=held: w.agreement(AGENT, AgreementType.AGENTAVTAL, held))
        await register.write("KEY", lambda w, held=held: w.agent_assignment(AGENT, "siths", held))

    told = await lines(office, "agreement")
    agreements, assignments = told[::2], told[1::2]
    # The seed's agreement was there from another day.
    assert [each.action for each in agreements] == ["changed", "ended", "changed"]
    assert [each.action for each in assignments] == ["granted", "ended", "changed"]
    assert {each.organisation_id for each in told} == {AGENT}
    assert {each.surface for each in agreements} == {"file"}
    ended = json.loads(assignments[1].evidence)
    assert (ended["by"], ended["service_id"], ended["before"]) == ("KEY", "siths", {"valid_to": None})
    assert json.loads(agreements[0].evidence)["type"] == "agentavtal"


async def test_what_ends_sooner_ends_and_what_gets_other_days_is_changed(office, register) -> None:
    day = date(2026, 12, 1)
    said = [
        (day, None), (day, date(2027, 3, 1)), (day, date(2027, 2, 1)), (day, date(2027, 4, 1)),
        (date(2026, 12, 5), date(2027, 2, 1)),
    ]  # fmt: skip
    for since, ended in said:
        held = Holding.model_validate({"from": since, "ended": ended})
        await register.write("KEY", lambda w, held=held: w.agent_assignment(AGENT, "siths", held))

    told = [each.action for each in await lines(office, "agreement")]
    assert told == ["granted", "ended", "ended", "changed", "changed"]


async def test_an_account_offered_and_confirmed_is_told(office) -> None:
    await office.unlink(BO)
    await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=True, at=office.clock())

    offered, confirmed = await lines(office, "identity")
    (known,) = await office.database.read(
        lambda c: c.execute(select(tables.identities).where(tables.identities.c.subject == identity(BO).subject)).all()
    )
    account = f"{known.salt}\0{known.issuer}/{known.subject}"
    assert [(each.action, each.person_id, each.about_id, each.surface) for each in (offered, confirmed)] == [
        ("offered", None, BO, "clock"), ("confirmed", BO, BO, "slack"),
    ]  # fmt: skip
    assert json.loads(confirmed.evidence) == {
        "workspace": known.issuer,
        "account_hash": sha256(account.encode()).hexdigest(),
    }
    assert offered.evidence == confirmed.evidence
    assert identity(BO).subject not in offered.evidence + confirmed.evidence


async def test_an_account_declined_is_told_and_so_is_the_card_that_then_reaches_nobody(office) -> None:
    await office.unlink(BO)
    case = await office.place()
    await office.relay.drain()
    await office.directory.answer_link(identity(BO), yes=False, at=office.clock())
    await office.relay.drain()

    declined = (await lines(office, "identity"))[-1]
    (given_up,) = await lines(office, "delivery")
    assert (declined.action, declined.person_id, declined.about_id) == ("declined", None, BO)
    assert (given_up.action, given_up.case_id, given_up.about_id) == ("given_up", case.id, BO)
    assert (given_up.part, json.loads(given_up.evidence)["error"]) == ("customer_attestant", "declined")


async def test_why_an_order_is_held_can_be_held_against_what_history_says_of_it(office) -> None:
    attested = await office.attest(await office.place(), BO)
    claimed = await office.press(attested, KARIN, Action.CLAIM)
    held = await office.press(claimed, KARIN, Action.HOLD, reason="Väntar på kunden")

    (line,) = await office.database.read(
        lambda c: c.execute(select(tables.history).where(tables.history.c.action == "hold")).all()
    )
    texts = (held.hold_salt, held.hold, "", "")
    assert json.loads(line.evidence)["texts_hash"] == sha256("\0".join(texts).encode()).hexdigest()
    assert held.hold_salt in (await read_progress(office, held.id))


async def read_progress(office, case):
    query = select(tables.cases.c.progress).where(tables.cases.c.id == case)
    return await office.database.read(lambda connection: connection.execute(query).scalar_one())


async def test_all_of_them_are_sealed_and_stand_in_what_is_stored_about_a_person(office, register) -> None:
    await register.write("KEY", lambda w: w.role(ANNA, REGION, RoleEntry(role=Role.ATTESTANT)))
    await office.place()
    await Sealer(office.database, SECRET, office.clock).seal()

    report = await verify(office.database, SECRET, office.clock())
    history = (await export_person(office.database, ANNA, buckets_to))["history"]
    assert (report.holds, report.sealed, report.unsealed) == (True, 2, 0)
    assert [each["action"] for each in history] == ["granted", "submit"]


# --- when it was


async def loading(scene):
    return lambda: load(scene.office.database, FILE, now=scene.office.clock, new_id=scene.new_id)


async def unlinking(scene):
    return lambda: scene.administration.unlink(UnlinkAccounts(Asking(ADA), REGION, ERIK))


async def unlinking_by_command(scene):
    return lambda: accounts(scene).undo(BO, Undoing(Undone.OPERATOR, Surface.FILE))


async def allowing(scene):
    await accounts(scene).undo(BO, Undoing(Undone.OPERATOR, Surface.FILE))
    return lambda: accounts(scene).allow(BO, Allowing(Surface.FILE))


def accounts(scene):
    return AccountLinks(SqlAccounts(scene.office.database, new_id), RegisterAnnouncements(), scene.office.clock, new_id)


CHANGES = (
    deeds.grant, deeds.change_a_role, deeds.end_a_role, deeds.set_invoices, deeds.set_rules, deeds.set_a_substitute,
    deeds.end_a_substitution, deeds.registering(deeds.rename), loading, unlinking, unlinking_by_command, allowing,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_change_that_had_to_wait_is_told_from_when_it_was_let_in_not_from_when_it_came(office, change):
    do, other = await change(Scene(office)), open_database(office.url)
    before = await office.database.read(everything)

    async with writing(other, lock_changes):
        changing = await waiting(office.database, do)
        office.clock.forward(seconds=20)
    await changing
    await other.close()

    told = (await office.database.read(everything))[len(before) :]
    assert {each.at for each in told} == {NOW + timedelta(seconds=20)}


async def test_what_was_attested_while_the_end_of_the_role_waited_was_attested_before_it(fresh_postgres_url):
    office, other = await open_office(fresh_postgres_url), open_database(fresh_postgres_url)
    case, scene = await office.place(), Scene(office)
    end = EndRole(Asking(ADA), REGION, await scene.role(BO, Role.ATTESTANT))

    async with writing(other, lock_changes):
        ending = await waiting(office.database, lambda: scene.administration.end_role(end))
        office.clock.forward(seconds=20)
        await office.attest(case, BO)
        office.clock.forward(seconds=20)
    await ending

    attested, ended = (await office.database.read(everything))[-2:]
    said = json.loads(ended.evidence)["valid_to"]
    assert [(each.action, each.at - NOW) for each in (attested, ended)] == [
        ("attest", timedelta(seconds=20)), ("ended", timedelta(seconds=40)),
    ]  # fmt: skip
    assert said == ended.at.isoformat()
    await other.close()
    await office.database.close()


def everything(connection):
    """Every line there is."""
    return connection.execute(select(tables.history).order_by(tables.history.c.id)).all()


def lock_changes(connection):
    """As another process does that writes the register, and accounts."""
    lock_register(connection)
    connection.execute(text("LOCK TABLE identities IN EXCLUSIVE MODE"))


async def waiting(database, do):
    """Something that is being done, once it waits for whoever writes."""
    has_come, write = asyncio.Event(), database.write

    async def noticed(work):
        has_come.set()
        return await write(work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "write", noticed)
        doing = asyncio.create_task(do())
        await has_come.wait()
    if database.dialect == "postgresql":
        await until_waiting(database, 1)
    return doing
