"""The command that says who decides about an order, as an operator meets it."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from core.api import Action, Applications
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from tests.contract.office import open_office, via_agent
from tests.support.world import seed
from tests.support.world.applicants import wish as wish_to_apply
from tests.support.world.seed import ANNA, BO, CECILIA, KARIN, LONG_AGO, NOW, REGION, SARA

# The command asks the real clock, so what holds in this world holds for long.
FOR_LONG = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    await made.database.write(seed.nobody_is_away)
    yield made
    await made.database.close()


async def told(office, *words: str) -> Result:
    """A command has an event loop of its own, and so a thread."""
    environment = {"DATABASE_URL": office.url, "COLUMNS": "200"}
    return await asyncio.to_thread(CliRunner().invoke, app, ["who", *words], env=environment)


async def lines(office, case, *words: str) -> list[str]:
    result = await told(office, case.id, *words)
    assert result.exit_code == 0, result.output
    return result.output.replace("\u00a0", " ").splitlines()


async def lend(office, absent, substitute):
    row = seed.substitution(absent, substitute, REGION, "attestant", LONG_AGO, FOR_LONG)
    await office.database.write(lambda c: c.execute(insert(tables.substitutions), row))


async def change(office, table, *which, **values):
    await office.database.write(lambda c: c.execute(update(table).where(*which).values(values)))


async def test_whoever_is_asked_may_decide_or_may_not_is_told_with_why(office):
    await lend(office, BO, SARA)
    case = await office.place()

    assert await lines(office, case) == [
        f"Ärende {case.id}: Väntar på kundens attest",
        "Väntar på kundens attestant hos Region Exempel sedan 25 november 2026 kl. 10.00.",
        "Beloppet är 1 500 kr: uppstart och ett års löpande kostnad. 0 av 1 attester är gjorda.",
        "",
        "Har fått frågan",
        "  Bo Ek: attestant",
        "  Cecilia Dahl: attestant",
        "  Sara Ohlin: attestant, ersättare för Bo Ek",
        "",
        "Får besluta nu",
        "  Bo Ek: attestant",
        "  Cecilia Dahl: attestant",
        "  Sara Ohlin: attestant, ersättare för Bo Ek",
        "  Rut Moberg: reservattestant",
        "",
        "Har rollen, men får inte besluta nu",
        "  Erik Lind: attestant, beloppsgräns 1 000 kr. Beloppet är högre än beloppsgränsen för Erik Lind.",
        "",
        "Administratörer",
        "  Ada Norén, Region Exempel",
    ]


async def test_it_is_told_in_english_too_and_whatever_the_size_of_letters(office):
    case = await office.place()
    result = await told(office, case.id.lower(), "--language", "en")

    assert f"Case {case.id}: " in result.output
    assert "Have the role, but may not decide now\n  Erik Lind: attestant, amount limit" in result.output


async def test_a_role_for_another_service_is_told_as_such(office):
    await change(office, tables.role_assignments, tables.role_assignments.c.person_id == CECILIA, service_id="npo")
    case = await office.place()

    assert any(
        each == "  Cecilia Dahl: attestant, bara för npo. Rollen gäller en annan tjänst."
        for each in await lines(office, case)
    )


async def test_what_stops_everybody_is_told_of_everybody(office):
    case = await office.place()
    await change(office, tables.agreements, ended_at=NOW)
    said = await lines(office, case)

    assert f"Beställning {case.id} kan inte gå vidare: Region Exempel har inget gällande kundavtal." in said
    assert said[said.index("Får besluta nu") + 1] == "  Ingen"
    assert [each.split(":")[0] for each in said if "Kunden har inget gällande kundavtal." in each] == [
        "  Bo Ek",
        "  Cecilia Dahl",
        "  Rut Moberg",
    ]


async def test_several_attests_are_counted(office):
    await change(
        office, tables.organisations, tables.organisations.c.id == REGION, tiers=[{"from_ore": 0, "attests": 2}]
    )
    case = await office.attest(await office.place(), BO)
    said = await lines(office, case)

    assert said[2].endswith("1 av 2 attester är gjorda.")
    assert "  Bo Ek: attestant. Bo Ek har redan attesterat." in said


async def test_whoever_has_handed_over_is_told_of_by_name_and_to_whom(office):
    case = await office.press(await office.place(), BO, Action.HAND_OVER, to=CECILIA)

    assert "  Bo Ek: attestant. Bo Ek har lämnat över beslutet till Cecilia Dahl." in await lines(office, case)
    assert "  Bo Ek: attestant. Bo Ek has left the decision to Cecilia Dahl." in await lines(
        office, case, "--language", "en"
    )


async def test_at_the_agent_the_handlers_decide(office):
    case = await office.place(**via_agent())
    said = await lines(office, case)

    assert said[1].startswith("Väntar på agentens beställare hos Journalbolaget AB sedan")
    assert "  Helena Gran: agentens beställare (handläggare agent)" in said


async def test_a_question_waits_for_whoever_ordered(office):
    case = await office.press(await office.place(), BO, Action.REQUEST_COMPLETION, message="Vilken enhet?")
    said = await lines(office, case)

    assert said[1].startswith("Väntar på beställaren hos Region Exempel")
    assert said[said.index("Får besluta nu") + 1] == "  Anna Berg: beställare"


async def test_at_customer_service_whoever_has_taken_it_is_told(office):
    case = await office.attest(await office.place(), BO)
    before = await lines(office, case)
    await office.press(case, KARIN, Action.CLAIM)

    assert before[2] == "Ingen har tagit ärendet. Alla på Ineras kundservice kan göra det."
    assert (await lines(office, case))[2] == "Karin Jonsson har tagit ärendet."


async def test_a_closed_order_waits_for_nobody(office):
    case = await office.press(await office.place(), ANNA, Action.WITHDRAW, confirmed=True)

    assert (await lines(office, case))[1:] == ["Ärendet är avslutat och väntar inte på någon."]


async def test_an_order_that_there_is_not_is_told_so(office):
    result = await told(office, "B-NOBODY")

    assert result.exit_code == 2
    assert "Det finns inget ärende B-NOBODY." in result.output


async def test_an_application_waits_for_customer_service(office):
    case = await Applications(office.orders.engine, SqlPersonalLinks(office.database, "secret")).apply(wish_to_apply())

    found = await lines(office, case)

    assert found[0] == f"Ärende {case.id}: Ansökan inskickad"
    assert "Ineras kundservice" in found[1]
    assert found[2:] == ["Ingen har tagit ärendet. Alla på Ineras kundservice kan göra det."]


async def test_without_a_number_all_that_is_open_is_listed_with_whom_it_waits_for(office):
    first = await office.place()
    office.clock.forward(minutes=1)
    second = await office.place(**via_agent(1))
    closed = await office.place(**via_agent(2))
    await office.press(closed, ANNA, Action.WITHDRAW, confirmed=True)
    result = await told(office)

    assert result.exit_code == 0
    assert result.output.replace("\u00a0", " ").splitlines() == [
        f"{first.id}: Väntar på kundens attest. Väntar på kundens attestant hos Region Exempel "
        "sedan 25 november 2026 kl. 10.00. Har fått frågan: Bo Ek, Cecilia Dahl.",
        f"{second.id}: Väntar på agentens godkännande. Väntar på agentens beställare hos Journalbolaget AB "
        "sedan 25 november 2026 kl. 10.01. Har fått frågan: Helena Gran, Asta Ivarsson.",
        "2 ärenden är öppna.",
    ]


async def test_programs_read_the_same_as_json(office):
    case = await office.place()
    (listed,) = json.loads((await told(office, "--json")).output)
    one = json.loads((await told(office, case.id, "--json")).output)

    same = {"case": case.id, "flow": "direct", "state": "awaiting_customer_attest", "organisation": "Region Exempel"}
    same |= {"waits_for": "customer_attestant", "since": case.waiting_since.isoformat()}
    assert listed == same | {"people": ["Bo Ek", "Cecilia Dahl"]}
    assert same.items() <= one.items()
    assert [each["name"] for each in one["asked"]] == ["Bo Ek", "Cecilia Dahl"]
    assert {"Bo Ek", "Cecilia Dahl", "Rut Moberg"} == {each["name"] for each in one["may"]}
    assert [(each["name"], each["limit_ore"], each["code"]) for each in one["may_not"]] == [
        ("Erik Lind", 100000, "limit")
    ]
