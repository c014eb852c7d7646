"""Rights are what the register's lines of history make of them, and what does not agree with these is named."""

import asyncio
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.wiring.purging import purge_of
from core.api import Action, Language, PersonId, Role, Surface, new_id, retention_with
from core.audit.differences import Differs
from core.catalogue.prices import Price
from core.register.administration import Author
from core.register.entries import Holding, OfferEntry, OrganisationEntry, PersonEntry, RoleEntry, SubstitutionEntry
from core.register.organisations import Tier
from core.register.substitutions import Substitution, days
from core.shared.errors import AlreadyClaimed
from core.shared.vocabulary import AgreementType, Payer, Period, PriceKind, PriceUnit, State
from core.storage import tables
from core.storage.audit import register_walk, replaying
from core.storage.audit.replaying import replay
from core.storage.audit.sealing import Sealer
from core.storage.reads.documents import hash_of
from core.storage.register.register import write_register
from core.storage.register.substitutions import put_substitution
from tests.contract.archive import Archive
from tests.contract.ledger import SECRET
from tests.contract.office import open_office, via_agent
from tests.contract.test_replaying import YES, Ledgered, lived
from tests.support.machines.copies import migrated
from tests.support.world.applicants import open_hall
from tests.support.world.baseline import baselines, write_baseline
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASSIGNMENT,
    ASTA,
    BO,
    CECILIA,
    CHRISTMAS,
    CLINIC,
    DAVID,
    ERIK,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    LONG_AGO,
    NPO_AGENT,
    NPO_KONSUMENT,
    OLGA,
    REGION,
    RUT,
    SARA,
    SITHS,
    role_assignment,
)

ROLES, LENT, WHERE = tables.role_assignments, tables.substitutions, tables.organisations


@pytest.fixture
async def world(database_url: str):
    office = await open_office(database_url)
    await office.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield Ledgered(office)
    await office.database.close()


@pytest.fixture
async def case(world: Ledgered):
    """Anna's order, attested by Bo."""
    return await world.office.press(await world.office.place(), BO, Action.ATTEST, **YES)


async def number_of(world: Ledgered, person, role) -> int:
    ((number,),) = await world.ledger.rows(
        f"SELECT id FROM role_assignments WHERE person_id = '{person}' AND role = '{role}'"  # noqa: S608 - ours
    )
    return number


async def kept(world: Ledgered) -> None:
    """A register that is kept as in life: every kind of line, by the operator."""
    clock = world.office.clock
    await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, 2), Tier(900_000, 3, (BO, CECILIA))]))
    await world.keep(lambda writer: writer.organisation(declared(self_attest_allowed=True, eid_from_ore=90_000_000)))
    await world.keep(lambda writer: writer.organisation(declared(self_attest_allowed=False, eid_from_ore=None)))
    role = RoleEntry(role=Role.ATTESTANT, attest_limit_ore=500_000)
    number, _ = await world.keep(lambda writer: writer.role(SARA, REGION, role))
    clock.forward(days=1)
    entry = SubstitutionEntry(role=Role.ATTESTANT, from_=clock().date(), to=clock().date() + timedelta(days=9))
    lent, _ = await world.keep(lambda writer: writer.substitution(REGION, CECILIA, ANNA, entry))
    await world.keep(lambda writer: writer.end_substitution(lent, None))
    await world.keep(lambda writer: writer.end_role(number, None))
    await world.keep(
        lambda writer: writer.person(PersonEntry(email="erik@example.org", name="Erik Lind", active=False))
    )
    await world.keep(lambda writer: writer.person(PersonEntry(email="ny@example.org", name="Ny Nord", active=False)))
    price = Price(Payer.CUSTOMER, PriceKind.RECURRING, PriceUnit.ORDER, 10, Period.YEAR, date(2031, 1, 1))
    await world.keep(lambda writer: writer.prices(SITHS, [price]))
    day = clock().date()
    for ended in (None, day + timedelta(days=9)):
        held = holding(day, ended)
        await world.keep(lambda writer, held=held: writer.agent_assignment(AGENT, "siths", held))
    await world.keep(lambda writer: writer.agreement(CLINIC, AgreementType.KUNDAVTAL, holding(day, day)))
    await world.keep(lambda writer: writer.agreement(CLINIC, AgreementType.KUNDAVTAL, holding(day + timedelta(days=1))))
    for active in (True, False):
        entry = offered(active=active)
        await world.keep(lambda writer, entry=entry: writer.offer("ny", "npo", entry))
    clock.forward(days=1)


def holding(since: date, ended: date | None = None) -> Holding:
    """From when to when something holds."""
    return Holding.model_validate({"from": since, "ended": ended})


def offered(**changes) -> OfferEntry:
    """A new offer."""
    words = {"sv": "Ny", "en": "New"}
    given = {"name": words, "flow": "direct", "categories": ["region"], "terms_url": "https://example.org/1"}
    return OfferEntry(**given | {"template": words} | changes)


def declared(**rules) -> OrganisationEntry:
    """The region with other rules."""
    return OrganisationEntry(
        org_number="2321000016", name="Region Exempel", kinds=["customer"], category="region", **rules
    )


@pytest.mark.parametrize("page", [2, 1_000])
async def test_a_register_that_was_kept_is_what_its_lines_say(world: Ledgered, monkeypatch, page: int) -> None:
    for where in (replaying, register_walk):
        monkeypatch.setattr(where, "PAGE", page)
    await kept(world)
    await world.keep(lambda writer: writer.tiers(REGION, []))
    await lived(world.office)
    replayed = await world.replayed()

    assert (replayed.differences, replayed.cases, replayed.unjudged) == ([], 5, 0)
    assert replayed.rights_from == LONG_AGO
    assert replayed.entries > 40


def changed(table, which, **values):
    """A row of the register that somebody changes past the product."""
    return update(table).where(which).values(**values)


def of(person, role="attestant"):
    """The person's role."""
    return (ROLES.c.person_id == person) & (ROLES.c.role == role)


def lent(substitute):
    """Where somebody is a substitute."""
    return LENT.c.substitute_id == substitute


def priced(payer, kind, offer):
    """One price of an offer."""
    prices = tables.price_items.c
    return (prices.payer == payer) & (prices.kind == kind) & (prices.offer_id == offer)


def made(organisation):
    """The organisation's agreement."""
    return MADE.c.organisation_id == organisation


def agreed(organisation, kind):
    """One that somebody writes into the table."""
    return {"organisation_id": organisation, "type": kind, "valid_from": LONG_AGO}


MINE = WHERE.c.id == REGION
MADE, GIVEN, OFFERS = tables.agreements, tables.agent_assignments, tables.offers
TWO = [{"from_ore": 0, "attests": 2, "sequence": []}]
PRICES, PEOPLE = tables.price_items, tables.persons
# What is done to the register by hand, of what that is named, and by which words.
BY_HAND = {
    "a role is added": (insert(ROLES).values(role_assignment(SARA, REGION, "attestant")), "role", SARA),
    "a role is deleted": (delete(ROLES).where(of(RUT, "emergency_attestant")), "role", RUT),
    "a limit is raised": (changed(ROLES, of(ERIK), attest_limit_ore=10**9), "role", "1000000000"),
    "a limit is set": (changed(ROLES, of(AMIR), attest_limit_ore=77), "role", " 77 "),
    "a role is ended": (changed(ROLES, of(CECILIA), valid_to=LONG_AGO), "role", CECILIA),
    "a role begins earlier": (changed(ROLES, of(BO), valid_from=tables.EPOCH), "role", "1970"),
    "a role is another's": (changed(ROLES, of(DAVID), person_id=OLGA), "role", DAVID),
    "a role is another": (changed(ROLES, of(HELENA, "agent_handler"), role="administrator"), "role", HELENA),
    "a role is elsewhere": (changed(ROLES, of(KALLE, "customer_service"), organisation_id=REGION), "role", KALLE),
    "a role is for one service": (changed(ROLES, of(ASTA), service_id="siths"), "role", "siths"),
    "a substitution begins earlier": (changed(LENT, lent(SARA), valid_from=tables.EPOCH), "substitution", SARA),
    "a substitution is another's": (changed(LENT, lent(ANNA), substitute_id=RUT), "substitution", ANNA),
    "a substitution is deleted": (delete(LENT).where(lent(ERIK)), "substitution", ERIK),
    "one may attest alone": (changed(WHERE, MINE, self_attest_allowed=True), "self_attest_allowed", "true"),
    "e-identification is asked for": (changed(WHERE, MINE, eid_from_ore=1), "eid_from_ore", REGION),
    "people are reminded later": (changed(WHERE, MINE, reminder_days=4), "reminder_days", "4"),
    "people are reminded at another hour": (changed(WHERE, MINE, reminder_hour=14), "reminder_hour", "14"),
    "fewer attest": (changed(WHERE, MINE, tiers=[]), "tiers", "0:2:"),
    "somebody has left": (changed(PEOPLE, PEOPLE.c.id == KALLE, active=False), "left", KALLE),
    "a price is another": (changed(PRICES, priced("customer", "startup", SITHS), amount_ore=1), "price", SITHS),
    "a price ends": (
        changed(PRICES, priced("customer", "startup", NPO_KONSUMENT), valid_to=date(2030, 1, 1)),
        "price",
        "2030",
    ),
    "a price is deleted": (delete(PRICES).where(priced("agent", "recurring", NPO_AGENT)), "price", NPO_AGENT),
    "an agreement is made": (insert(MADE).values(agreed(CLINIC, AgreementType.AGENTAVTAL)), "agreement", "agentavtal"),
    "an agreement begins earlier": (changed(MADE, made(REGION), valid_from=tables.EPOCH), "agreement", REGION),
    "an agreement has ended": (changed(MADE, made(AGENT), ended_at=CHRISTMAS), "agreement", AGENT),
    "an agreement has a document": (changed(MADE, made(CLINIC), document_hash="0" * 64), "agreement", "0" * 64),
    "an agent is assigned": (
        insert(GIVEN).values(agent_id=AGENT, service_id="siths", valid_from=LONG_AGO),
        "assignment",
        f"{AGENT} siths",
    ),
    "an agent is no more": (delete(GIVEN).where(GIVEN.c.service_id == "npo"), "assignment", f"{AGENT} npo"),
    "an offer is of another service": (changed(OFFERS, OFFERS.c.id == SITHS, service_id="npo"), "offer", SITHS),
    "an offer goes another way": (changed(OFFERS, OFFERS.c.id == NPO_AGENT, flow="direct"), "offer", NPO_AGENT),
    "an offer is another's too": (changed(OFFERS, OFFERS.c.id == ASSIGNMENT, categories=["region"]), "offer", "region"),
    "an offer has other terms": (
        changed(OFFERS, OFFERS.c.id == NPO_KONSUMENT, terms_url="https://example.org/2"),
        "offer",
        "https://example.org/2",
    ),
}


async def test_everything_that_is_changed_by_hand_in_the_register_is_named(world: Ledgered) -> None:
    day = world.office.clock().date()
    entry = SubstitutionEntry(role=Role.ATTESTANT, from_=day, to=day)
    await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, 2)]))
    for substitute in (ANNA, ERIK):
        await world.keep(lambda writer, who=substitute: writer.substitution(REGION, CECILIA, who, entry))
    whole = await world.differs()
    for statement, *_ in BY_HAND.values():
        await world.office.database.write(lambda connection, each=statement: connection.execute(each))
    found = (await world.replayed()).differences

    def is_named(of: str, word: str) -> bool:
        return any(each.what == of and word in f" {each.about} {each.expected} {each.stands} " for each in found)

    assert whole == set()
    assert {what for what, (_, of, word) in BY_HAND.items() if not is_named(of, word)} == set()
    assert (len(found), {each.kind for each in found}) == (len(BY_HAND), {Differs.REGISTER})


async def test_a_difference_of_the_register_says_which_entry_and_both_that_it_says(world: Ledgered) -> None:
    number = await number_of(world, ERIK, "attestant")
    await world.office.change(ROLES, of(ERIK), attest_limit_ore=10**9)
    (difference,) = (await world.replayed()).differences

    assert difference.about == str(number)
    assert ("100000" in difference.expected, "1000000000" in difference.stands) == (True, True)


async def test_a_line_of_the_register_that_is_gone_or_cannot_be_read_is_named(world: Ledgered) -> None:
    await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, 2)]))
    await world.ledger.tamper("UPDATE history SET evidence = '[]' WHERE kind = 'organisation'")
    unreadable = await world.differs()
    await world.ledger.tamper("DELETE FROM history WHERE kind = 'organisation'")

    assert unreadable == {(Differs.LINE, "words"), (Differs.REGISTER, "tiers")}
    assert await world.differs() == {(Differs.REGISTER, "tiers")}


# --- decisions


async def forge(world: Ledgered, case, revision: int, more: str = "part = part", **decision) -> None:
    """Let row and case say together that a decision was made otherwise, before anybody seals it."""
    columns = {"person": "person_id", "organisation": "organisation_id", "assurance": "assurance"}
    said = [f"{columns[name]} = '{value}'" for name, value in decision.items() if name in columns]
    sets = ", ".join([*said, more.replace(":", r"\:")])
    await world.ledger.tamper(
        f"UPDATE history SET {sets} WHERE case_id = '{case.id}' AND revision = {revision}"  # noqa: S608 - ours
    )
    stored = json.loads((await world.row(case)).decisions)
    stored[revision - 1] |= decision
    await world.set(case, decisions=json.dumps(stored))
    await Sealer(world.office.database, SECRET, world.office.clock).seal()


def proving(**facts) -> str:
    """What the row proves besides."""
    return f"""evidence = replace(evidence, '"reason_code"', '{json.dumps(facts)[1:-1]},"reason_code"')"""


def unit(number) -> dict[str, object]:
    """What makes an order be of another care unit, without an agent."""
    return via_agent(number) | {"offer": NPO_KONSUMENT, "agent": None}


FORGED = {
    "somebody without the role": ({"person": SARA}, {}, "no_role"),
    "somebody of another organisation": ({"person": DAVID}, {}, "no_role"),
    "somebody in another organisation's name": ({"person": DAVID, "organisation": "O-clinic"}, {}, "no_role"),
    "a substitute whom nobody had": ({"person": SARA, "absent": CECILIA}, {"absent": CECILIA}, "no_substitution"),
    "a substitute before the time": ({"person": SARA, "absent": BO}, {"absent": BO}, "no_substitution"),
    "a limit that is higher": ({"person": ERIK, "limit": 10**9}, {"limit_ore": 10**9}, "other_limit"),
    "no limit where there is one": ({"person": ERIK}, {}, "other_limit"),
    "more than the limit": ({"person": ERIK, "limit": 100_000}, {"limit_ore": 100_000}, "limit"),
}


async def test_decisions_without_the_right_are_named_whoever_changed_row_and_case(world: Ledgered) -> None:
    office, forged = world.office, {}
    for number, (decision, proven, code) in enumerate(FORGED.values()):
        case = await office.place(**unit(number))
        case = await office.press(case, BO, Action.ATTEST, **YES)
        await forge(world, case, 2, proving(**proven) if proven else "part = part", **decision)
        forged[case.id] = code
    found = (await world.replayed()).differences

    assert (await world.ledger.verify()).holds
    assert {each.kind for each in found} == {Differs.RIGHT}
    assert forged.items() <= {(each.case, each.what) for each in found}
    assert {each.case for each in found} == forged.keys()


async def test_a_decision_of_somebody_whose_role_had_ended_or_not_begun_is_named(world: Ledgered) -> None:
    office, number = world.office, await number_of(world, BO, "attestant")
    case = await office.place()
    await world.keep(lambda writer: writer.end_role(number, None))
    office.clock.forward(hours=1)
    case = await office.press(case, CECILIA, Action.ATTEST, **YES)
    whole = await world.differs()
    await forge(world, case, 2, person=BO)

    assert whole == set()
    assert await world.differs() == {(Differs.RIGHT, "no_role")}


async def test_a_substitute_who_decides_the_instant_the_time_begins_is_accused_of_nothing(world: Ledgered) -> None:
    office = world.office
    office.clock.at = CHRISTMAS
    await office.press(await office.place(), SARA, Action.ATTEST, **YES)

    assert await world.differs() == set()


async def test_a_press_that_a_change_of_the_register_overtook_is_accused_of_nothing(world: Ledgered) -> None:
    office, number = world.office, await number_of(world, BO, "attestant")
    await world.keep(lambda writer: writer.end_role(number, None))
    office.clock.forward(minutes=1)
    case = await office.press(await office.place(), CECILIA, Action.ATTEST, **YES)
    await forge(world, case, 2, person=BO)

    assert await world.differs() == set()


async def attested(world: Ledgered, *people, rules: Tier | None = None):
    """Anna's order after these attests, where the region asks for as much."""
    if rules is not None:
        await world.keep(lambda writer: writer.tiers(REGION, [rules]))
    world.office.clock.forward(hours=1)
    case = await world.office.place()
    for each in people:
        case = await world.office.press(case, each, Action.ATTEST, **YES)
    return case


async def test_an_attest_out_of_turn_is_named(world: Ledgered) -> None:
    case = await attested(world, BO, CECILIA, rules=Tier(0, 2, (BO, CECILIA)))
    whole = await world.differs()
    await forge(world, case, 2, person=CECILIA)
    await forge(world, case, 3, person=BO)

    assert whole == set()
    # One out of turn does not count, so the next is not the last.
    assert await world.differs() == {(Differs.RIGHT, "not_your_turn"), (Differs.RIGHT, "too_few")}


# What is done to the register by hand before somebody decides by it, how it is undone, and what is named ever after.
USED = {
    "a role": (
        insert(ROLES).values(role_assignment(SARA, REGION, "attestant")),
        delete(ROLES).where(ROLES.c.person_id == SARA, ROLES.c.role == "attestant"),
        SARA,
        "no_role",
    ),
    "a limit": (
        changed(ROLES, of(ERIK), attest_limit_ore=None),
        changed(ROLES, of(ERIK), attest_limit_ore=100_000),
        ERIK,
        "other_limit",
    ),
    "a substitution": (
        changed(LENT, LENT.c.absent_id == BO, valid_from=LONG_AGO),
        changed(LENT, LENT.c.absent_id == BO, valid_from=CHRISTMAS),
        SARA,
        "no_substitution",
    ),
    "how many attest": (changed(WHERE, MINE, tiers=[]), changed(WHERE, MINE, tiers=TWO), BO, "too_few"),
}


async def test_decisions_by_a_register_that_was_changed_by_hand_are_named_once_that_is_undone(world: Ledgered) -> None:
    made = {}
    for number, (by_hand, undone, person, code) in enumerate(USED.values()):
        if code == "too_few":
            await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, 2)]))
            world.office.clock.forward(hours=1)
        await world.office.database.write(lambda connection, each=by_hand: connection.execute(each))
        case = await world.office.press(await world.office.place(**unit(number)), person, Action.ATTEST, **YES)
        await world.office.database.write(lambda connection, each=undone: connection.execute(each))
        made[case.id] = code
    found = (await world.replayed()).differences

    assert {each.kind for each in found} == {Differs.RIGHT}
    assert made.items() <= {(each.case, each.what) for each in found}


# What was agreed and ends by a line, how that is undone by hand, who then decides, and what is named ever after.
ENDED = {
    "the customer's agreement": (
        lambda writer, day: writer.agreement(REGION, AgreementType.KUNDAVTAL, day),
        MADE.c.organisation_id == REGION,
        "ended_at",
        "no_kundavtal",
    ),
    "the agent's agreement": (
        lambda writer, day: writer.agreement(AGENT, AgreementType.AGENTAVTAL, day),
        MADE.c.organisation_id == AGENT,
        "ended_at",
        "agent_no_agreement",
    ),
    "the agent's assignment": (
        lambda writer, day: writer.agent_assignment(AGENT, "npo", day),
        GIVEN.c.service_id == "npo",
        "valid_to",
        "agent_not_allowed",
    ),
}


@pytest.mark.parametrize("what", ENDED)
async def test_a_decision_that_stood_on_what_had_ended_by_history_is_named(world: Ledgered, what: str) -> None:
    end, which, column, code = ENDED[what]
    office = world.office
    # Decided while all of it held, and accused of nothing.
    await office.press(await office.place(**via_agent(1)), HELENA, Action.APPROVE, **YES)
    case = await office.place() if code == "no_kundavtal" else await office.place(**via_agent(2))
    who = (BO, Action.ATTEST) if code == "no_kundavtal" else (HELENA, Action.APPROVE)
    day = holding(LONG_AGO.date(), office.clock().date())
    await world.keep(lambda writer: end(writer, day))
    whole = await world.differs()
    office.clock.forward(hours=1)
    await office.change(which.left.table, which, **{column: None})
    await office.press(case, *who, **YES)
    found = (await world.replayed()).differences

    assert whole == set()
    assert {(each.kind, each.what) for each in found} == {
        (Differs.RIGHT, code), (Differs.REGISTER, "assignment" if "assignment" in what else "agreement"),
    }  # fmt: skip
    assert {each.case for each in found if each.kind is Differs.RIGHT} == {case.id}


async def test_a_press_that_the_end_of_an_agreement_overtook_is_accused_of_nothing(world: Ledgered) -> None:
    office = world.office
    case = await office.place()
    day = holding(LONG_AGO.date(), office.clock().date())
    await world.keep(lambda writer: writer.agreement(REGION, AgreementType.KUNDAVTAL, day))
    office.clock.forward(minutes=1)
    await office.change(MADE, made(REGION), ended_at=None)
    await office.press(case, BO, Action.ATTEST, **YES)

    assert await world.differs() == {(Differs.REGISTER, "agreement")}


async def test_a_decision_by_a_role_for_another_service_is_named(world: Ledgered) -> None:
    office = world.office
    entry = RoleEntry(role=Role.ATTESTANT, service="npo")
    number, _ = await world.keep(lambda writer: writer.role(SARA, REGION, entry))
    office.clock.forward(hours=1)
    case = await office.place()
    mine = await office.place(**unit(1))
    await office.press(mine, SARA, Action.ATTEST, **YES)
    whole = await world.differs()
    await office.change(ROLES, ROLES.c.id == number, service_id=None)
    await office.press(case, SARA, Action.ATTEST, **YES)
    await office.change(ROLES, ROLES.c.id == number, service_id="npo")
    found = (await world.replayed()).differences

    assert whole == set()
    assert [(each.kind, each.what, each.case) for each in found] == [(Differs.RIGHT, "other_service", case.id)]


async def test_what_was_decided_before_history_held_agreements_is_judged_by_the_rest_alone(database_url: str) -> None:
    office = await open_office(database_url)
    world, (first, second, *_) = Ledgered(office), baselines
    await office.database.write(lambda connection: first(connection, LONG_AGO))
    case = await office.press(await office.place(), BO, Action.ATTEST, **YES)
    day = holding(LONG_AGO.date(), office.clock().date())
    await world.keep(lambda writer: writer.agreement(REGION, AgreementType.KUNDAVTAL, day))
    await world.ledger.tamper("UPDATE history SET evidence = replace(evidence, 'number', 'n') WHERE kind = 'agreement'")
    await office.database.write(lambda connection: second(connection, office.clock()))
    replayed = await world.replayed()
    await forge(world, case, 2, person=SARA)
    forged = await world.differs()
    await office.database.close()

    assert (replayed.differences, replayed.unjudged, replayed.rights_from) == ([], 0, LONG_AGO)
    assert forged == {(Differs.RIGHT, "no_role")}


@pytest.fixture
async def hall(database_url: str):
    made = await open_hall(database_url)
    await made.database.write(lambda connection: write_baseline(connection, LONG_AGO))
    yield made
    await made.database.close()


SWAPPED = "Något helt annat"
# What becomes of a signed document in the database, one after the other: its text, its hash, both, and all of it.
SWAPS = (
    [update(tables.documents).values(text=SWAPPED)],
    [update(MADE).where(MADE.c.case_id.is_not(None)).values(document_hash="0" * 64)],
    [
        update(tables.documents).values(hash=hash_of(SWAPPED)),
        update(MADE).where(MADE.c.case_id.is_not(None)).values(document_hash=hash_of(SWAPPED)),
    ],
    [delete(tables.documents), update(MADE).where(MADE.c.case_id.is_not(None)).values(document_hash=None)],
)


async def test_a_signed_document_that_is_another_is_named(hall) -> None:
    case = await hall.become_customer()
    whole = await replay(hall.database)
    found = []
    for statements in SWAPS:
        for each in statements:
            await hall.database.write(lambda connection, each=each: connection.execute(each))
        found += (await replay(hall.database)).differences

    assert whole.differences == []
    assert [(each.kind, each.what) for each in found] == [(Differs.REGISTER, "agreement")] * len(SWAPS)
    assert all(case.application.document.hash in each.expected for each in found)


async def test_an_agreement_is_followed_until_the_purge_has_taken_its_document(hall) -> None:
    waits = await hall.approve(await hall.apply(key="waits", org_number="559900-0006"))
    before = await replay(hall.database)
    case = await hall.become_customer()
    given_up = await hall.press(waits, Action.CANCEL, reason="Fel nummer.")
    day = hall.clock().date()
    author = Author("file", Surface.FILE)
    await hall.database.write(
        lambda connection: write_register(connection, hall.clock, new_id, author).agreement(
            case.customer, AgreementType.KUNDAVTAL, holding(day, day + timedelta(days=30))
        )
    )
    ended = await replay(hall.database)
    hall.clock.forward(days=9 * 366)
    purge = purge_of(hall.database, retention_with({}), secret_key=SECRET, language=Language.SV)
    gone = await purge.run(hall.clock())
    bare = await replay(hall.database)

    assert (gone["agreements"], given_up.closed_at is None) == (1, False)
    assert [each.differences for each in (before, ended, bare)] == [[], [], []]


async def test_an_own_order_attested_and_an_identification_that_was_not_asked_for_are_named(world: Ledgered) -> None:
    case = await attested(world, BO)
    await forge(world, case, 2, person=CECILIA)
    whole = await world.differs()
    await forge(world, case, 1, person=CECILIA)
    await world.set(case, orderer_id=CECILIA)
    own = await world.differs()
    await world.keep(lambda writer: writer.organisation(declared(eid_from_ore=1)))
    world.office.clock.forward(hours=1)
    await world.office.change(WHERE, MINE, eid_from_ore=None)
    other = await world.office.place(**unit(1))
    await world.office.press(other, BO, Action.ATTEST, **YES)
    await world.office.change(WHERE, MINE, eid_from_ore=1)

    assert (whole, own) == (set(), {(Differs.RIGHT, "self_attest")})
    assert await world.differs() == {(Differs.RIGHT, "self_attest"), (Differs.RIGHT, "eid_required")}


async def test_an_order_withdrawn_by_another_orderer_is_named_while_the_first_is_there(world: Ledgered) -> None:
    case = await world.office.press(await world.office.place(), ANNA, Action.WITHDRAW, **YES)
    whole = await world.differs()
    await forge(world, case, 2, person=CECILIA)

    assert whole == set()
    assert await world.differs() == {(Differs.RIGHT, "not_your_order")}


async def test_customer_service_with_a_role_in_the_customer_is_named(world: Ledgered) -> None:
    await world.keep(lambda writer: writer.role(KALLE, REGION, RoleEntry(role=Role.AGREEMENT_CONTACT)))
    world.office.clock.forward(hours=1)
    case = await attested(world, BO)
    case = await world.office.press(case, KARIN, Action.CLAIM)
    whole = await world.differs()
    await world.ledger.tamper(
        f"UPDATE history SET person_id = '{KALLE}' WHERE case_id = '{case.id}' AND revision = 3"  # noqa: S608 - ours
    )
    await world.set(case, claimed_by_id=KALLE)

    assert whole == set()
    assert await world.differs() == {(Differs.RIGHT, "involved")}


async def test_of_two_leads_at_once_one_takes_an_order_over_the_other_hears_who_and_history_tells_it(
    world: Ledgered,
) -> None:
    for person in (HELENA, AMIR):
        await world.keep(
            lambda writer, person=person: writer.role(person, INERA, RoleEntry(role=Role.CUSTOMER_SERVICE_LEAD))
        )
    world.office.clock.forward(hours=1)
    claimed = await world.office.press(await attested(world, BO), KARIN, Action.CLAIM)

    wishes = (world.office.press(claimed, person, Action.TAKE_OVER) for person in (HELENA, AMIR))
    answers = await asyncio.gather(*wishes, return_exceptions=True)

    (lost,) = [each for each in answers if isinstance(each, BaseException)]
    (taken,) = [each for each in answers if not isinstance(each, BaseException)]
    assert (type(lost), lost.facts) == (AlreadyClaimed, {"person": taken.claimed_by})
    assert taken.claimed_by in {HELENA, AMIR}
    assert await world.differs() == set()


async def test_a_case_that_somebody_took_over_without_leading_customer_service_is_named(world: Ledgered) -> None:
    await world.keep(lambda writer: writer.role(HELENA, INERA, RoleEntry(role=Role.CUSTOMER_SERVICE_LEAD)))
    world.office.clock.forward(hours=1)
    claimed = await world.office.press(await attested(world, BO), KARIN, Action.CLAIM)
    case = await world.office.press(claimed, HELENA, Action.TAKE_OVER)
    whole = await world.differs()
    await world.ledger.tamper(
        f"UPDATE history SET person_id = '{KALLE}' WHERE case_id = '{case.id}' AND revision = 4"  # noqa: S608 - ours
    )
    await world.set(case, claimed_by_id=KALLE)

    assert (case.claimed_by, whole) == (HELENA, set())
    assert await world.differs() == {(Differs.RIGHT, "already_claimed")}


async def test_what_is_done_to_a_case_that_is_closed_is_judged_by_the_rights_of_its_own_moment(
    world: Ledgered, monkeypatch
) -> None:
    monkeypatch.setattr(replaying, "PAGE", 1)
    office = world.office
    case = await office.press(await attested(world, BO), KARIN, Action.CLAIM)
    case = await office.press(case, KARIN, Action.SEND_INSTRUCTIONS, **YES)
    number, _ = await world.keep(lambda writer: writer.role(OLGA, INERA, RoleEntry(role=Role.CUSTOMER_SERVICE)))
    office.clock.forward(hours=1)
    case = await office.press(case, KALLE, Action.SEND_AGAIN, **YES)
    case = await office.press(case, OLGA, Action.SEND_AGAIN, **YES)
    whole = await world.differs()
    await forge(world, case, 5, person=HELENA)

    assert (number > 0, whole) == (True, set())
    assert (Differs.RIGHT, "no_role") in await world.differs()


async def test_a_clock_that_lets_an_order_go_on_with_too_few_attests_is_named(world: Ledgered) -> None:
    case = await attested(world, BO, rules=Tier(0, 2))
    await world.ledger.tamper(
        f"""INSERT INTO history (case_id, at, action, from_state, to_state, step, revision, content_version, part,
        surface, assurance, evidence) SELECT case_id, at, 'review', from_state, 'awaiting_customer_service', step,
        revision + 1, content_version, 'clock', 'clock', 'clock', evidence FROM history
        WHERE case_id = '{case.id}' AND revision = 2"""  # noqa: S608 - ours
    )
    await world.set(case, state="awaiting_customer_service", step=case.step + 1, revision=case.revision + 1)

    assert (Differs.RIGHT, "too_few") in await world.differs()


@pytest.mark.parametrize("minutes", [0, 60])
async def test_an_attest_counts_in_history_as_it_did_at_the_press(world: Ledgered, minutes: int) -> None:
    low = RoleEntry(role=Role.ATTESTANT, attest_limit_ore=1_000)
    await world.keep(lambda writer: writer.role(SARA, REGION, RoleEntry(role=Role.ATTESTANT)))
    case = await attested(world, BO, rules=Tier(0, 2))
    world.office.clock.forward(minutes=minutes)
    await world.keep(lambda writer: writer.role(BO, REGION, low))
    world.office.clock.forward(minutes=minutes)
    second = await world.office.press(case, CECILIA, Action.ATTEST, **YES)
    last = await world.office.press(second, SARA, Action.ATTEST, **YES)

    assert (second.state, last.state) == (case.state, State.AWAITING_CUSTOMER_SERVICE)
    assert await world.differs() == set()


@pytest.mark.parametrize("marker", ["attests", "was"])
async def test_an_order_that_goes_on_by_an_attest_that_does_not_count_is_named(world: Ledgered, marker: str) -> None:
    case = await attested(world, BO, rules=Tier(0, 2))
    world.office.clock.forward(hours=1)
    await world.keep(lambda writer: writer.role(BO, REGION, RoleEntry(role=Role.ATTESTANT, attest_limit_ore=1_000)))
    world.office.clock.forward(hours=1)
    await world.office.press(case, CECILIA, Action.ATTEST, **YES)
    await world.ledger.tamper(
        f"""UPDATE history SET to_state = 'awaiting_customer_service',
        evidence = replace(evidence, '"attests"', '"{marker}"') WHERE case_id = '{case.id}' AND revision = 3"""  # noqa: S608 - ours
    )
    await world.set(case, state="awaiting_customer_service", step=case.step + 1)

    # Before history told how many counted, all that had been given did.
    assert ((Differs.RIGHT, "too_few") in await world.differs()) == (marker == "attests")


# --- who kept the register


@pytest.mark.parametrize("where", [Surface.SLACK, Surface.WEB])
async def test_a_role_granted_by_somebody_who_keeps_nothing_there_is_named(world: Ledgered, where: Surface) -> None:
    entry = RoleEntry(role=Role.ATTESTANT)
    await world.keep(lambda writer: writer.role(SARA, REGION, entry), Author(ADA, where))
    whole = await world.differs()
    await world.keep(lambda writer: writer.role(SARA, AGENT, entry), Author(ADA, where))
    await world.keep(lambda writer: writer.tiers(REGION, [Tier(0, 2)]), Author(BO, where))

    assert whole == set()
    assert await world.differs() == {(Differs.KEPT, "role"), (Differs.KEPT, "tiers")}


async def test_a_substitute_named_by_another_than_the_absent_or_an_administrator_is_named(world: Ledgered) -> None:
    day = world.office.clock().date()
    entry = SubstitutionEntry(role=Role.ATTESTANT, from_=day, to=day)

    def lend(to: PersonId, by: PersonId):
        def work(writer):
            since, until = days(day, day)
            wish = Substitution(BO, to, REGION, entry.role, since, until, by)
            return put_substitution(writer.connection, wish, writer.at, Author(by, Surface.SLACK))

        return work

    await world.keep(lend(CECILIA, BO))
    await world.keep(lend(ERIK, ADA))
    whole = await world.differs()
    await world.keep(lend(ANNA, ANNA))

    assert whole == set()
    assert await world.differs() == {(Differs.KEPT, "substitution")}


# --- a server at work


async def test_a_register_that_is_changed_while_it_is_looked_at_is_accused_of_nothing(world, monkeypatch) -> None:
    left, look = [SARA, ANNA], register_walk.RegisterWalk._differing

    async def changed_first(walk, among):
        if left:
            person = left.pop()
            await world.keep(lambda writer: writer.role(person, REGION, RoleEntry(role=Role.EMERGENCY_ATTESTANT)))
        return await look(walk, among)

    monkeypatch.setattr(register_walk.RegisterWalk, "_differing", changed_first)

    assert await world.differs() == set()
    assert ANNA not in left


async def test_a_line_that_is_saved_after_the_walk_has_passed_it_is_followed(world: Ledgered, monkeypatch) -> None:
    monkeypatch.setattr(replaying, "PAGE", 1)
    await world.office.place()
    await world.keep(lambda writer: writer.role(SARA, AGENT, RoleEntry(role=Role.AGENT_HANDLER)))
    await world.office.place(**via_agent(1))
    far = await world.office.place(**via_agent(2))
    await world.office.press(far, SARA, Action.APPROVE, **YES)
    (late,) = await world.office.database.read(
        lambda connection: (
            connection.execute(select(tables.history).where(tables.history.c.kind == "role")).mappings().all()
        )
    )
    await world.ledger.tamper("DELETE FROM history WHERE kind = 'role'")
    saved, see = [], register_walk.RegisterWalk.see_to_late

    async def saved_first(walk):
        if walk._passed > late["id"] and not saved:
            saved.append(late)
            await world.office.database.write(
                lambda connection: connection.execute(insert(tables.history).values(**late))
            )
        await see(walk)

    monkeypatch.setattr(register_walk.RegisterWalk, "see_to_late", saved_first)

    assert await world.differs() == set()
    assert saved == [late]


# --- baselines


FORGED_BASELINE = """INSERT INTO history (at, action, surface, evidence, kind)
    SELECT at + 1, '{action}', surface, evidence, kind FROM history WHERE kind = 'baseline'"""


@pytest.mark.parametrize("action", ["stood", "carried"])
async def test_a_baseline_that_no_upgrade_and_no_purge_wrote_is_named(world: Ledgered, action: str) -> None:
    await world.ledger.tamper(FORGED_BASELINE.format(action=action))
    found = (await world.replayed()).differences

    # One of each upgrade that had something to tell: nothing is connected here.
    assert [(each.kind, each.what) for each in found] == [(Differs.BASELINE, "")] * (len(baselines) - 1)


async def test_without_its_baseline_every_entry_of_the_register_is_named(world: Ledgered) -> None:
    await world.ledger.tamper("DELETE FROM history WHERE kind = 'baseline'")

    assert {what for _, what in await world.differs()} == {
        "role", "substitution", "price", "agreement", "assignment", "offer",
    }  # fmt: skip


async def test_what_was_decided_before_the_baseline_is_counted_and_accused_of_nothing(database_url: str) -> None:
    office = await open_office(database_url)
    world = Ledgered(office)
    await office.press(await office.place(), BO, Action.ATTEST, **YES)
    await office.database.write(lambda connection: write_baseline(connection, office.clock()))
    await office.place(**via_agent(2))
    replayed = await world.replayed()
    await office.database.close()

    assert (replayed.differences, replayed.unjudged, replayed.rights_from) == ([], 2, office.clock())


async def test_an_empty_register_that_grows_needs_no_baseline(database_url: str) -> None:
    database = await migrated(database_url)
    at, author = LONG_AGO, Author("file", Surface.FILE)

    def work(connection):
        writer = write_register(connection, lambda: at, new_id, author)
        # From nothing on: every decision there needs an e-identification.
        where, _ = writer.organisation(declared(eid_from_ore=0))
        person, _ = writer.person(PersonEntry(email="anna@example.org", name="Anna Berg"))
        writer.role(person, where, RoleEntry(role=Role.ORDERER))
        writer.tiers(where, [Tier(0, 2)])

    await database.write(work)
    replayed = await replay(database)
    await database.write(lambda connection: connection.execute(delete(ROLES)))
    gone = await replay(database)
    await database.close()

    assert (replayed.differences, replayed.rights_from, replayed.entries) == ([], None, 7)
    assert [(each.kind, each.what) for each in gone.differences] == [(Differs.REGISTER, "role")]


async def test_a_register_is_followed_through_purges_of_its_oldest_lines(world: Ledgered) -> None:
    archive = Archive(world.office)
    await kept(world)
    await archive.drain()
    years = []
    for _ in range(3):
        await archive.after(days=5 * 366)
        await world.keep(lambda writer: writer.organisation(declared(eid_from_ore=10**9 + len(years))))
        await world.office.place(**via_agent(len(years)))
        years.append(await world.replayed())
    kinds = await world.ledger.rows("SELECT action FROM history WHERE kind = 'baseline' ORDER BY id")
    await world.office.change(ROLES, of(BO), attest_limit_ore=1)

    assert [(each.differences, each.unjudged) for each in years] == [([], 0)] * 3
    assert ("stood",) not in kinds
    assert await world.differs() == {(Differs.REGISTER, "role")}


async def test_a_baseline_that_a_purge_takes_is_carried_on_unless_a_later_one_holds_more(world: Ledgered) -> None:
    archive = Archive(world.office)
    await archive.after(days=9 * 366)
    await world.office.place(**via_agent(1))
    await archive.after(days=9 * 366)
    await world.office.place(**via_agent(2))
    again = await archive.after(days=9 * 366)
    await world.office.place(**via_agent(3))
    replayed = await world.replayed()

    assert (again["history"] > 0, replayed.differences) == (True, [])


@pytest.mark.parametrize("attested", [True, False])
async def test_a_price_that_is_to_come_is_followed_from_the_order_until_it_holds(world: Ledgered, attested) -> None:
    new_year = date(2027, 1, 1)
    of_order = (Payer.CUSTOMER, PriceKind.STARTUP, PriceUnit.ORDER)
    prices = [
        Price(*of_order, 150_000, Period.YEAR, date(2024, 1, 1), date(2026, 12, 31)),
        Price(*of_order, 50_000_000, Period.YEAR, new_year),
    ]
    await world.keep(lambda writer: writer.prices(SITHS, prices))
    case = await world.office.place(desired_start=new_year)
    if attested:
        await world.office.press(case, BO, Action.ATTEST, **YES)
    world.office.clock.at = CHRISTMAS + timedelta(days=14)
    await world.office.orders.run_clock()

    assert await world.differs() == set()
