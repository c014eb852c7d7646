"""The commands that look into history, as an operator meets them."""

import asyncio
import csv
import io
import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from core.api import (
    Action,
    ActOnCase,
    Applications,
    Asking,
    AuditRecord,
    CardId,
    CaseId,
    CaseQuery,
    Happened,
    LineKind,
    PersonId,
    Seen,
    Surface,
    new_id,
    refusal_of,
)
from core.register.administration import Author
from core.register.organisations import Tier
from core.shared.errors import AlreadyDecided, CaseClosed, NoRole
from core.storage.audit.audit_records import write_record
from core.storage.audit.refusal_log import SqlRefusalLog
from core.storage.audit.sealing import Sealer
from core.storage.audit.verifying import verify
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.register.register import write_register
from tests.contract.ledger import SECRET, Ledger
from tests.contract.office import identity, open_office
from tests.support.world.applicants import FIRST, open_hall
from tests.support.world.applicants import wish as wish_to_apply
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import AGENT, ASSIGNMENT, BO, CECILIA, KARIN, OLGA, REGION


class Operator:
    """Types commands against one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.secret = SECRET

    def __call__(self, *words: str) -> Result:
        environment = {"DATABASE_URL": self.url, "SECRET_KEY": self.secret, "COLUMNS": "200"}
        return CliRunner().invoke(app, [*words], env=environment)


@pytest.fixture
async def office(database_url: str):
    """Anna's order, rejected by Bo for want of money, sealed; and another that waits, not sealed yet."""
    made = await open_office(database_url)
    case = await made.place()
    await made.press(case, BO, Action.REJECT, reason="Nej", reason_code="no_budget")
    await Sealer(made.database, SECRET, made.clock).seal()
    await made.place(key="V2", surface=Surface.API)
    await made.database.write(lambda connection: write_baseline(connection, made.clock()))
    yield made
    await made.database.close()


@pytest.fixture
def operator(office) -> Operator:
    return Operator(office.url)


@pytest.fixture
async def number(office) -> str:
    return (await ledger(office).rows("SELECT case_id FROM history WHERE id = 1"))[0][0]


def ledger(office) -> Ledger:
    return Ledger(office.url, office.database, office.clock)


async def typed(operator: Operator, *words: str) -> Result:
    """A command has an event loop of its own, and so a thread."""
    return await asyncio.to_thread(operator, *words)


async def test_history_that_holds_ends_well_and_says_how_much_of_it_is_sealed(operator: Operator) -> None:
    told = await typed(operator, "verify-history")

    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "2 rows are sealed.", "3 rows are not sealed yet.", "All that is sealed is as it was.",
        "2 cases were worked out from their history.", "68 entries of the register were worked out from their history.",
        "3 rows of cases are not judged by the right to do that: history holds the register since"
        " 25\u00a0November\u00a02026.",
        "Every case and the register are what history says.",
    ]  # fmt: skip


async def test_a_case_that_was_changed_ends_with_one_and_is_named_in_both_languages(
    office, operator: Operator, number: str
) -> None:
    await ledger(office).tamper(
        "UPDATE cases SET state = 'withdrawn', claimed_by_id = 'P-karin' WHERE closed_at IS NOT NULL",
        "UPDATE history SET step = 7 WHERE id = 2",
    )
    english, swedish = [await typed(operator, "verify-history", "--language", each) for each in ("en", "sv")]

    assert english.exit_code == swedish.exit_code == 1
    assert f"{number}: in row 2 the step does not follow on the rows before it. It should be 1; the row says 7." in (
        english.output
    )
    assert f"{number}: the state should be rejected by its history; the case says withdrawn." in english.output
    assert (
        f"{number}: who has taken the case should be nothing by its history; the case says P-karin." in english.output
    )
    assert f"{number}: läget borde enligt historiken vara rejected, men i ärendet står withdrawn." in swedish.output
    assert "Ärenden, register och historik stämmer inte överens." in swedish.output


async def test_cases_without_rows_and_rows_without_cases_are_told_of(office, operator: Operator, number: str) -> None:
    before = await typed(operator, "verify-history")
    await ledger(office).tamper("UPDATE history SET case_id = 'B-9999999' WHERE id <= 2")
    told = await typed(operator, "verify-history")

    assert (before.exit_code, told.exit_code) == (0, 1)
    assert f"{number}: history has no row of it." in told.output
    assert "B-9999999: history has rows of it, but there is no such case." in told.output


async def test_what_the_register_says_otherwise_is_told_in_both_languages(office, operator: Operator) -> None:
    await ledger(office).tamper(
        "UPDATE organisations SET eid_from_ore = 100 WHERE id = 'O-region'",
        "UPDATE history SET at = at + 1 WHERE kind = 'baseline' AND id = (SELECT max(id) FROM history)",
        "INSERT INTO history (at, action, surface, kind, evidence) SELECT at + 9, action, surface, kind, evidence"
        " FROM history WHERE kind = 'baseline'",
        "INSERT INTO history (at, action, surface, kind, evidence) VALUES (0, 'granted', 'slack', 'role', '{}')",
    )
    english, swedish = [await typed(operator, "verify-history", "--language", each) for each in ("en", "sv")]

    assert english.exit_code == swedish.exit_code == 1
    for sentence in (
        "The register: the amount from which e-identification is needed at O-region should be nothing by its history; "
        "the register says 100.",
        "Row 6 says how the register stood. No upgrade and no purge wrote it.",
        "Row 8, of the register, cannot be read.",
    ):
        assert sentence in english.output
    for sentence in (
        "Registret: beloppet då e-legitimation krävs hos O-region borde enligt historiken vara ingenting, men i "
        "registret står 100.",
        "Rad 6 säger hur registret stod. Ingen uppgradering och ingen gallring har skrivit den.",
        "Rad 8, om registret, går inte att läsa.",
    ):
        assert sentence in swedish.output


async def test_whoever_kept_a_register_or_decided_without_the_right_is_told(office, operator: Operator) -> None:
    def work(connection):
        keeper = Author(CECILIA, Surface.SLACK)
        writer = write_register(connection, office.clock, new_id, keeper)
        writer.tiers(REGION, [Tier(0, 2)])

    await office.database.write(work)
    told = await typed(operator, "verify-history")

    sentence = "In row 6 P-cecilia changed the register, and had no right to by the rows before it: how many attest at."
    assert sentence in told.output


async def test_history_that_was_changed_ends_with_one_and_names_the_row(office, operator: Operator) -> None:
    await ledger(office).tamper("UPDATE history SET person_id = 'P-x' WHERE id = 2")

    english, swedish = [await typed(operator, "verify-history", "--language", each) for each in ("en", "sv")]

    assert english.exit_code == 1
    assert "Row 2 says something else than when it was sealed (seal 2)." in english.output
    assert "Rad 2 säger något annat än när den förseglades (försegling 2)." in swedish.output


async def test_a_checkpoint_is_printed_kept_and_held_against_the_chain(office, operator: Operator) -> None:
    kept = (await typed(operator, "checkpoint")).output.strip()
    before = await typed(operator, "verify-history", "--checkpoint", kept)
    await ledger(office).tamper("DELETE FROM seals", "DELETE FROM checkpoints", "DELETE FROM seal_heads")
    await ledger(office).tamper("DELETE FROM history WHERE id = 2")
    await ledger(office).seal()
    after = await typed(operator, "verify-history", "--checkpoint", kept)

    assert (before.exit_code, after.exit_code) == (0, 1)
    assert "The checkpoint that was kept, at seal 2, is not of this chain." in after.output


async def test_what_is_no_checkpoint_is_told_so(operator: Operator) -> None:
    told = await typed(operator, "verify-history", "--checkpoint", "2:abc")

    assert told.exit_code == 2
    assert "That is no checkpoint." in told.output


async def test_without_a_seal_there_is_no_checkpoint(fresh_sqlite_url: str) -> None:
    office = await open_office(fresh_sqlite_url)
    told = await typed(Operator(office.url), "checkpoint")

    assert told.exit_code == 2
    assert "Nothing is sealed yet." in told.output
    await office.database.close()


async def test_another_key_is_told_as_such(operator: Operator) -> None:
    operator.secret = "another secret that opens nothing at all"
    told = await typed(operator, "verify-history")

    assert told.exit_code == 1
    assert "Check SECRET_KEY" in told.output


async def test_history_holds_under_a_new_key_when_the_earlier_one_is_listed(operator: Operator, monkeypatch) -> None:
    monkeypatch.setenv("EARLIER_HISTORY_KEYS", operator.secret)
    monkeypatch.setenv("HISTORY_KEY", "a new key of the history, and not that of tokens")
    told = await typed(operator, "verify-history")

    assert told.exit_code == 0, told.output


async def test_a_key_that_is_too_short_is_told_as_such(operator: Operator) -> None:
    operator.secret = "short"
    told = await typed(operator, "verify-history")

    assert told.exit_code == 2
    assert "SECRET_KEY: must have at least 32 characters" in told.output


async def test_an_order_is_told_in_swedish_with_names_amounts_and_times_in_stockholm(
    operator: Operator, number: str
) -> None:
    told = await typed(operator, "history", number.lower())

    assert told.output.replace("\u00a0", " ") == (
        f"Ärende {number}\n"
        "\n"
        "25 november 2026 kl. 10.00: Anna Berg (beställaren hos Region Exempel), skickat in\n"
        "  Utkast → Väntar på kundens attest\n"
        "  Kundens kostnad: 1 500 kr vid start exkl. moms\n"
        "  Version 1, i Slack, försegling 1\n"
        "\n"
        "25 november 2026 kl. 10.00: Bo Ek (kundens attestant hos Region Exempel), avslagit\n"
        "  Väntar på kundens attest → Avslagen\n"
        "  Kundens kostnad: 1 500 kr vid start exkl. moms\n"
        "  Motivering: Ryms inte i budget\n"
        "  Version 1, i Slack, försegling 2\n"
    )


async def test_an_order_is_told_in_english_too(operator: Operator, number: str) -> None:
    told = (await typed(operator, "history", number, "--language", "en")).output

    assert "Bo Ek (the customer's attestant at Region Exempel), rejected" in told
    assert "seal 2" in told


async def test_refusals_and_messages_that_did_not_arrive_are_told_too(office, operator: Operator, number: str) -> None:
    (card,) = await office.cards(person_id=BO, case_id=number)
    wish = ActOnCase(CaseId(number), Action.ATTEST, identity(BO), Surface.SLACK, Seen(1, 1), card=CardId(card.id))
    witness = SqlRefusalLog(office.database)
    await witness.refused(refusal_of(wish, CaseClosed(case=number), office.clock()))
    await witness.refused(refusal_of(replace(wish, by=Asking(KARIN), card=None), NoRole(), office.clock()))
    missed = AuditRecord(
        LineKind.DELIVERY, Happened.GIVEN_UP, office.clock(), Surface.CLOCK, about=BO, case=CaseId(number),
        facts={"error": "declined"},
    )  # fmt: skip
    for line in (missed, replace(missed, about=None), replace(missed, about=PersonId("P-gone"))):
        await office.database.write(lambda connection, line=line: write_record(connection, line))

    told = (await typed(operator, "history", number)).output.replace("\u00a0", " ")
    english = (await typed(operator, "history", number, "--language", "en")).output

    assert (
        "25 november 2026 kl. 10.00: Bo Ek (kundens attestant hos Region Exempel), fick nej till ”Attestera”\n"
        "  Skäl: Ärendet var redan avslutat.\n"
    ) in told
    assert ": Karin Jonsson, fick nej till ”Attestera”\n" in told
    assert (
        ": systemet, ett meddelande kom inte fram\n"
        "  Till Bo Ek\n"
        "  Orsak: Personen har svarat nej på frågan om kontot är hens.\n"
        "  av klockan, inte förseglad än\n"
    ) in told
    assert "  Till kundservices kanal\n" in told
    assert "  Till P-gone\n" in told
    assert "was told no to “Attest”" in english


async def test_an_outsider_who_was_refused_is_named_without_the_role_of_the_card(
    office, operator: Operator, number: str
) -> None:
    (card,) = await office.cards(person_id=BO, case_id=number)
    wish = ActOnCase(CaseId(number), Action.ATTEST, identity(KARIN), Surface.SLACK, Seen(1, 1), card=CardId(card.id))
    await SqlRefusalLog(office.database).refused(refusal_of(wish, NoRole(part="customer_attestant"), office.clock()))

    told = (await typed(operator, "history", number)).output

    assert ": Karin Jonsson, fick nej till ”Attestera”\n  Skäl: Karin Jonsson har inte den roll som behövs.\n" in told
    assert "Karin Jonsson (" not in told


async def test_whoever_was_slower_is_told_of_without_what_history_does_not_hold(
    office, operator: Operator, number: str
) -> None:
    wish = ActOnCase(CaseId(number), Action.ATTEST, identity(CECILIA), Surface.SLACK, Seen(1, 1))
    error = AlreadyDecided(action=Action.REJECT, at=office.clock(), case=number)
    await SqlRefusalLog(office.database).refused(refusal_of(wish, error, office.clock()))

    told = (await typed(operator, "history", number)).output

    assert "  Skäl: Någon annan hade redan beslutat.\n" in told
    assert not re.search("nyss|already_decided", told)


async def test_whom_a_decision_was_handed_over_to_is_named(office, operator: Operator) -> None:
    ((number,),) = await ledger(office).rows("SELECT case_id FROM history WHERE id = 3")
    waiting = (await office.orders.look(CaseQuery(CaseId(number), None, office.clock()))).case
    case = await office.press(waiting, BO, Action.HAND_OVER, to=CECILIA)

    swedish = (await typed(operator, "history", case.id)).output
    english = (await typed(operator, "history", case.id, "--language", "en")).output

    assert "lämnat över\n  Väntar på kundens attest\n  Till Cecilia Dahl\n" in swedish
    assert "  To Cecilia Dahl\n" in english


async def test_an_assignment_is_told_in_the_words_of_agents(office, operator: Operator) -> None:
    case = await office.place(by=Asking(OLGA), customer=AGENT, offer=ASSIGNMENT, units=())

    told = (await typed(operator, "history", case.id)).output

    assert "Agentens kostnad" in told
    assert not re.search("[Kk]und(ens|avtal)", told)


async def test_a_refusal_about_an_application_is_told_of_the_application(office, operator: Operator) -> None:
    case = await Applications(office.orders.engine, SqlPersonalLinks(office.database, "secret")).apply(wish_to_apply())
    wish = ActOnCase(case.id, Action.APPROVE, Asking(KARIN), Surface.SLACK)
    await SqlRefusalLog(office.database).refused(refusal_of(wish, CaseClosed(case=case.id), office.clock()))

    told = (await typed(operator, "history", case.id)).output

    assert "Skäl: Ärendet var redan avslutat." in told


async def test_a_signature_is_told_with_what_was_signed_and_how(fresh_sqlite_url: str) -> None:
    hall = await open_hall(fresh_sqlite_url)
    case = await hall.approve(await hall.apply())
    await hall.sign(case, FIRST)
    await hall.database.close()

    told = (await typed(Operator(fresh_sqlite_url), "history", case.id)).output

    assert f"Avtalets kontrollsumma (SHA-256): {case.application.document.hash}\n" in told
    assert "Signatur: enkel elektronisk underskrift genom personlig länk, utan e-legitimation\n" in told


async def test_an_order_that_there_is_not_is_told_so(operator: Operator) -> None:
    told = [await typed(operator, "history", "B-NOBODY"), await typed(operator, "history")]

    assert [each.exit_code for each in told] == [2, 2]
    assert "Det finns ingen historik för B-NOBODY." in told[0].output


async def test_every_row_is_exported_as_a_line_of_json(operator: Operator, number: str) -> None:
    lines = [json.loads(each) for each in (await typed(operator, "history", "--export", "jsonl")).output.splitlines()]

    assert [each["seal"] for each in lines] == [1, 2, None, None, None]
    assert lines[1] | {"case_id": number} == lines[1]
    assert lines[1]["at"] == "2026-11-25T09:00:00+00:00"
    assert lines[1]["evidence"]["reason_code"] == "no_budget"


async def test_one_orders_rows_are_exported_as_csv(operator: Operator, number: str) -> None:
    told = (await typed(operator, "history", number, "--export", "csv")).output
    rows = list(csv.DictReader(io.StringIO(told)))

    assert [(each["id"], each["action"], each["seal"]) for each in rows] == [("1", "submit", "1"), ("2", "reject", "2")]
    assert json.loads(rows[0]["evidence"])["costs"]["customer"] == [150_000, 0, "year"]


async def test_a_long_history_shows_how_far_it_has_come(office, monkeypatch) -> None:
    monkeypatch.setattr("bot.cli.terminal.SILENT_SECONDS", 0)
    told = await typed(Operator(office.url), "verify-history")

    assert "rows" in told.stderr


async def test_what_was_sealed_by_the_product_is_held_by_the_key_of_the_operator(office) -> None:
    assert (await verify(office.database, SECRET, office.clock())).holds


async def test_programs_read_whether_history_holds_as_json(operator: Operator) -> None:
    told = json.loads((await typed(operator, "verify-history", "--json")).output)

    assert told["holds"] is True
    assert (told["seals"]["sealed"], told["seals"]["findings"], told["replay"]["differences"]) == (2, [], [])
