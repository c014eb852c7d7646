"""What is kept no longer goes, in its order and by its table; what stays is as it was, and proves itself."""

import asyncio
import json
from dataclasses import fields, replace
from datetime import timedelta
from itertools import groupby, pairwise

import pytest
from sqlalchemy import delete, insert

from core.api import Action, Case, Decision, Order, Side, Stage, TechnicalContact
from core.register.contacts import WhomToAsk
from core.storage import tables
from core.storage.context.coding import decisions_to_json, order_to_json, progress_to_json
from core.storage.retention import purging_cases
from core.storage.retention.purging_people import code_of
from core.views.case_view import disclose
from notifications.outbox import card_reduction
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Gone, Never, TryLater
from tests.contract.archive import Archive
from tests.contract.office import CHANNEL, open_office, via_agent
from tests.contract.statements import scans
from tests.fakes.slack import POST, UPDATE, buttons
from tests.support.world import seed
from tests.support.world.records import records
from tests.support.world.seed import ANNA, BO, CECILIA, KARIN

REASON = "Planterad motivering"


@pytest.fixture
async def archive(database_url: str):
    office = await open_office(database_url)
    yield Archive(office)
    await office.database.close()


PLANTED = TechnicalContact("Planterad Kontakt", "planterad@example.org", "+46701740605")


async def rejected(archive: Archive, **changes):
    """Anna's order, rejected by Bo, and shown so everywhere."""
    wish = {"comment": "Planterad kommentar", "technical_contact": PLANTED, "invoice_ref": "Planterad ref"}
    case = await archive.office.place(**wish | changes)
    await archive.drain()
    case = await archive.office.press(case, BO, Action.REJECT, reason=REASON, internal="Planterad anteckning")
    await archive.drain()
    return case


async def purged(archive: Archive, case) -> int:
    ((row,),) = [await archive.rows(tables.cases, tables.cases.c.id == case.id)]
    return row.purged


# --- cards become a line


async def test_after_a_month_every_message_of_a_closed_order_is_one_line(archive: Archive) -> None:
    case = await rejected(archive)
    early = await archive.after(days=29)
    before = archive.shown()
    gone = await archive.after(days=2)

    assert (early, gone) == ({}, {"cards": 1})
    assert any("Planterad" in each for each in before)
    assert len(archive.shown()) == len(before)
    for shown in archive.office.slack.messages.values():
        assert shown.text in {
            f"Beställning {case.id}, SITHS för Region Exempel: Avslagen (25 november 2026).",
            f"Order {case.id}, SITHS for Region Exempel: Rejected (25 November 2026).",
        }
        assert [block["type"] for block in shown.blocks] == ["rich_text"]
        assert buttons(shown) == {}
    assert {(row.is_reduced, row.due_at) for row in await archive.office.cards()} == {(True, None)}


async def test_an_open_order_keeps_its_cards_however_old(archive: Archive) -> None:
    case = await archive.office.place()
    await archive.office.attest(case, BO)
    await archive.office.relay.drain()
    before = archive.shown()

    assert "cards" not in await archive.after(days=400)
    assert archive.shown() == before


async def test_what_happens_after_the_close_counts_as_closing(archive: Archive) -> None:
    case = await rejected(archive)
    line = {
        "case_id": case.id, "at": archive.office.clock() + timedelta(days=20), "action": "send_again",
        "from_state": "rejected", "to_state": "rejected", "step": 1, "revision": 9, "content_version": 1,
        "part": "customer_service", "surface": "slack", "assurance": "click", "evidence": "{}",
    }  # fmt: skip
    await archive.office.database.write(lambda connection: connection.execute(insert(tables.history), line))

    assert "cards" not in await archive.after(days=31)
    assert (await archive.after(days=20))["cards"] == 1


async def test_the_edits_are_spread_and_come_after_everything_else(archive: Archive) -> None:
    for number in (1, 2, 3):
        await rejected(archive, key=f"V{number}")
    archive.office.clock.forward(days=31)
    await archive.purge.run(archive.office.clock())
    await archive.office.place(key="new")
    owed = sorted(await archive.office.cards(), key=lambda row: (row.priority, row.due_at))
    late = [row.due_at for row in owed if row.is_reduced]

    assert [row.is_reduced for row in owed] == sorted(row.is_reduced for row in owed)
    assert [b - a for a, b in pairwise(late)] == [card_reduction.SPREAD] * 11


async def test_the_messages_of_an_order_become_lines_together_and_wait_for_nothing_else(archive: Archive) -> None:
    """One of the messages can be edited no more, and what is for an open order is tried again in days."""
    for number in (1, 2, 3):
        await rejected(archive, key=f"V{number}")
    at = archive.office.clock() + timedelta(days=31)
    lost = (await archive.office.cards())[0].id
    await archive.office.change(tables.cards, tables.cards.c.id == lost, given_up_at=at)
    case = await archive.office.place(key="new")
    await archive.office.change(tables.cards, tables.cards.c.case_id == case.id, due_at=at + timedelta(days=9))
    archive.office.clock.at = at
    await archive.purge.run(at)

    owed = [row for row in await archive.office.cards(is_reduced=True) if row.due_at is not None]
    owed.sort(key=lambda row: row.due_at)

    assert owed[0].due_at == at + card_reduction.SPREAD
    assert len([*groupby(owed, key=lambda row: row.case_id)]) == 3
    assert lost not in {row.id for row in owed}


async def test_a_card_that_was_never_seen_is_dropped_and_not_posted_as_a_line(archive: Archive) -> None:
    await archive.office.unlink(BO)
    archive.office.slack.change(seed.slack_user(BO), email="other@example.org")
    case = await archive.office.place()
    await archive.office.relay.drain()
    await archive.office.press(case, CECILIA, Action.REJECT, reason=REASON)
    waiting = await archive.office.place(key="V2")
    await archive.drain()
    posts = len(archive.office.slack.sent(POST))
    await archive.after(days=31)

    assert len(archive.office.slack.sent(POST)) == posts
    assert [row.case_id for row in await archive.office.cards(person_id=BO)] == [waiting.id]


async def test_a_card_being_posted_at_that_moment_is_reduced_when_it_stands(archive: Archive) -> None:
    case = await archive.office.place()
    await archive.office.leases.owing(archive.office.clock())
    (card,) = [each for each in await archive.office.leases.claim(seed.TEAM) if each.person == ANNA]
    case = await archive.office.press(case, BO, Action.REJECT, reason=REASON)
    at = archive.office.clock() + timedelta(days=31)
    archive.office.clock.forward(seconds=10)
    await archive.office.database.write(lambda c: card_reduction.CardReduction().take(c, at, archive.office.clock()))
    await archive.office.results.record(card, MessagePlace("DANNA", "1.1"), shown=case.revision)
    (row,) = await archive.office.cards(id=card.id)

    assert (row.is_reduced, row.channel, row.due_at is not None) == (True, "DANNA", True)


async def test_a_card_that_a_dead_relay_was_to_post_is_dropped_with_those_never_seen(archive: Archive) -> None:
    case = await archive.office.place()
    await archive.office.leases.owing(archive.office.clock())
    taken = await archive.office.leases.claim(seed.TEAM)
    await archive.office.press(case, BO, Action.REJECT, reason=REASON)
    at = archive.office.clock() + timedelta(days=31)
    archive.office.clock.forward(seconds=31)

    await archive.office.database.write(lambda c: card_reduction.CardReduction().take(c, at, archive.office.clock()))

    assert len(taken) == 3
    assert await archive.office.cards() == []


@pytest.mark.parametrize("problem", [Gone("message_not_found"), Never("channel_not_found"), Never("is_archived")])
async def test_a_message_that_cannot_be_edited_is_let_be_and_nobody_is_told(archive: Archive, problem) -> None:
    await rejected(archive)
    posts = len(archive.office.slack.sent(POST))
    archive.office.slack.trouble(UPDATE, problem, times=99)
    await archive.after(days=31)

    assert len(archive.office.slack.sent(POST)) == posts
    assert archive.office.slack.in_channel(CHANNEL) == []
    assert {row.due_at for row in await archive.office.cards()} == {None}
    assert "slack_ids" in await archive.after(days=60)


async def test_a_copy_of_a_reduced_card_is_reduced_too(archive: Archive) -> None:
    await rejected(archive)
    await archive.after(days=31)
    card = await archive.office.card(person_id=ANNA, kind="status")
    await archive.office.store.adopt(card.id, "DANNA", "9.9")

    assert {row.is_reduced for row in await archive.office.cards()} == {True}


async def test_what_is_sent_again_later_is_shown_whole_and_goes_in_its_turn(archive: Archive) -> None:
    case = await archive.office.place()
    case = await archive.office.attest(case, BO)
    case = await archive.office.press(case, KARIN, Action.CLAIM)
    case = await archive.office.press(case, KARIN, Action.SEND_INSTRUCTIONS, message="Planterad instruktion")
    # As it was closed before there was anything to confirm: what is closed by now is sent again no more.
    closed = {"closed_at": archive.office.clock(), "due_at": None}
    await archive.office.change(tables.cases, tables.cases.c.id == case.id, **closed)
    await archive.drain()
    await archive.after(days=800)
    await archive.after(days=1)
    emptied, bare = await archive.stored(), archive.shown()
    await archive.office.press(case, KARIN, Action.SEND_AGAIN, message="Planterad igen")
    await archive.after(days=1)
    again = archive.shown()
    await archive.after(days=31)
    await archive.after(days=1)

    assert not any("Planterad" in each for each in (*emptied.values(), *bare))
    assert [each for each in again if "Planterad igen" in each] != []
    assert not any("Planterad" in each for each in (*(await archive.stored()).values(), *archive.shown()))


# --- where they stood is forgotten


async def test_after_three_months_nobody_knows_where_the_messages_stand(archive: Archive) -> None:
    case = await rejected(archive)
    await archive.after(days=31)
    gone = await archive.after(days=60)

    assert gone["slack_ids"] == 1
    assert await archive.office.cards() == []
    assert await purged(archive, case) == Stage.CARDS_GONE
    await archive.after(days=40)
    assert await archive.rows(tables.paces) == []


async def test_what_a_form_was_known_by_goes_with_the_messages(archive: Archive) -> None:
    row = {"key": f"{BO}/V1", "person_id": BO, "at": archive.office.clock()}
    await archive.office.database.write(lambda connection: connection.execute(insert(tables.submissions), row))

    assert "forms" not in await archive.after(days=89)
    assert (await archive.after(days=2))["forms"] == 1
    assert await archive.rows(tables.submissions) == []


async def test_personal_links_and_the_addresses_in_them_go_with_the_messages(archive: Archive) -> None:
    case = await rejected(archive)
    link = {"id": "L1", "hash": "h", "purpose": "decide", "case_id": case.id, "email": "bo@example.org"}
    when = {"created_at": tables.EPOCH, "expires_at": archive.office.clock()}
    await archive.office.database.write(
        lambda connection: connection.execute(insert(tables.personal_links), link | when)
    )
    await archive.after(days=31)
    kept = await archive.rows(tables.personal_links)
    await archive.after(days=60)

    assert (len(kept), await archive.rows(tables.personal_links)) == (1, [])


async def test_a_link_made_long_after_the_order_was_closed_goes_three_months_after_it_could_be_opened(archive) -> None:
    case = await rejected(archive)
    await archive.after(days=31)
    await archive.after(days=60)
    link = {"id": "L1", "hash": "h", "purpose": "read", "case_id": case.id, "email": "bo@example.org"}
    when = {"created_at": archive.office.clock(), "expires_at": archive.office.clock() + timedelta(days=1)}
    await archive.office.database.write(
        lambda connection: connection.execute(insert(tables.personal_links), link | when)
    )

    assert "links" not in await archive.after(days=90)
    assert (await archive.after(days=2))["links"] == 1


async def test_three_months_after_its_night_nobody_knows_where_a_message_about_no_order_stands(archive) -> None:
    await archive.office.unlink(BO)
    await archive.office.place()
    await archive.drain()
    asked = await archive.office.cards(kind="link")
    await archive.after(hours=1)

    assert "notices" not in await archive.after(days=89)
    assert (await archive.after(days=2))["notices"] == len(asked) == 1
    assert await archive.office.cards(kind="link") == []


async def test_a_message_about_no_order_that_is_still_owed_is_not_forgotten(archive: Archive) -> None:
    await archive.office.unlink(BO)
    await archive.office.place()
    await archive.drain()
    await archive.after(hours=1)
    (card,) = await archive.office.cards(kind="link")
    archive.office.clock.forward(days=100)
    await archive.office.change(tables.cards, tables.cards.c.id == card.id, due_at=archive.office.clock())

    assert (await archive.purge.run(archive.office.clock()))["notices"] == 0


async def test_a_message_is_reduced_before_its_place_is_forgotten(archive: Archive) -> None:
    await rejected(archive)
    archive.office.slack.trouble(UPDATE, TryLater("timeout"), times=10)
    archive.office.clock.forward(days=200)
    first = await archive.purge.run(archive.office.clock())
    said = await archive.due()
    await archive.drain()
    second = await archive.purge.run(archive.office.clock())

    assert (first["cards"], first["slack_ids"]) == (1, 0)
    # Nor does a dry run say that it would be.
    assert "slack_ids" not in said
    assert second["slack_ids"] == 1
    assert not any("Planterad" in each for each in archive.shown())


async def test_a_workspace_that_cannot_be_reached_keeps_no_place_alive(archive: Archive) -> None:
    await rejected(archive)
    await archive.office.workspaces.note_problem(seed.TEAM, "token_revoked")
    archive.office.clock.forward(days=200)
    gone = await archive.purge.run(archive.office.clock())

    assert gone["slack_ids"] == 1
    assert await archive.office.cards() == []


# --- what people wrote

# Where an offer's terms stand is written by Inera.
TEXTS = {
    cls: [each.name for each in fields(cls) if each.type in {str, WhomToAsk} and each.name != "terms_url"]
    for cls in (Order, Decision, Case)
}


def planted(cls, one):
    """A value with something to look for in every field that holds a text."""
    return replace(one, **{name: f"Planterat {cls.__name__} {name}" for name in TEXTS[cls]})


async def plant(archive: Archive, case) -> None:
    """Let every text there may be stand in a closed case."""
    decisions = tuple(planted(Decision, each) for each in case.decisions)
    order = replace(planted(Order, case.order), external_case_ref="Planterat ärende")
    values = {
        "content": order_to_json(order),
        "external_case_ref": order.external_case_ref,
        "decisions": decisions_to_json(decisions),
        "progress": progress_to_json(planted(Case, case)),
    }
    await archive.office.change(tables.cases, tables.cases.c.id == case.id, **values)


async def test_after_two_years_nothing_that_people_wrote_is_left(archive: Archive) -> None:
    case = await rejected(archive)
    await plant(archive, case)
    await archive.after(days=31)
    await archive.after(days=700)
    before = await archive.stored()
    gone = await archive.after(days=31)
    left = await archive.stored()

    assert {name for names in TEXTS.values() for name in names} >= {"comment", "technical_contact", "reason", "hold"}
    assert before["cases"].count("Planterat") >= 8
    assert gone["free_texts"] == 1
    assert [line for line in left.values() if "Planterat" in line.replace("Planterat Order invoice_ref", "")] == []
    assert left["placements"] == ""


async def test_whom_to_ask_about_technology_is_left_out_of_all_of_it(archive: Archive) -> None:
    case = await rejected(archive)
    before = (await archive.stored())["cases"]
    await archive.after(days=31)
    await archive.after(days=700)
    until = (await archive.stored())["cases"]
    await archive.after(days=31)
    left = (await archive.stored())["cases"]

    parts = ("Planterad Kontakt", "planterad@example.org", "+46701740605")
    assert [all(part in stored for part in parts) for stored in (before, until)] == [True, True]
    assert [part for part in parts if part in left] == []
    assert not (await records(archive.office.delivery.drawer.cases, [case.id]))[case.id].case.order.technical_contact


async def test_what_is_unknown_in_a_case_stays_and_the_case_can_be_read(archive: Archive) -> None:
    case = await rejected(archive)
    content = json.loads(order_to_json(case.order)) | {
        "of_the_future": {"deep": [1, "två"], "texts": {"a": "Bo", "n": 1}}
    }
    await archive.office.change(tables.cases, tables.cases.c.id == case.id, content=json.dumps(content))
    await archive.after(days=31)
    await archive.after(days=800)
    (row,) = await archive.rows(tables.cases)
    dossiers = await records(archive.office.delivery.drawer.cases, [case.id])
    read = dossiers[case.id].case

    assert json.loads(row.content)["of_the_future"] == {"deep": [1, "två"], "texts": {"a": "", "n": 1}}
    assert (read.order.comment, read.order.invoice_ref, read.order.costs) == ("", "Planterad ref", case.order.costs)
    assert [each.action for each in read.decisions] == [each.action for each in case.decisions]
    assert {each.reason for each in read.decisions} == {""}


# --- people who have left


async def leave(archive: Archive, *people) -> None:
    await archive.office.change(tables.persons, tables.persons.c.id.in_(people), active=False)


async def test_two_years_after_the_last_order_a_person_who_left_is_a_pseudonym(archive: Archive) -> None:
    case = await rejected(archive)
    await archive.office.directory.choose_language(BO, "sv")
    await leave(archive, BO, ANNA)
    await archive.after(days=1)
    await archive.after(days=120)
    early = await archive.after(days=600)
    gone = await archive.after(days=40)
    people = {row.id: row for row in await archive.rows(tables.persons)}
    stored = await archive.stored()

    assert ("names" in early, gone["names"]) == (False, 2)
    assert people[BO].name == f"Tidigare användare {code_of(BO)}"
    assert people[BO].email == "p-bo@former.invalid"
    assert (people[BO].language, people[BO].pseudonymised_at is not None) == (None, True)
    assert people[CECILIA].name == "Cecilia Dahl"
    assert [name for name, lines in stored.items() if "Bo Ek" in lines or "bo@example.org" in lines] == []
    assert [name for name, lines in stored.items() if seed.slack_user(BO) in lines] == []
    assert {row.person_id for row in await archive.rows(tables.history)} >= {ANNA, BO}
    dossiers = await records(archive.office.delivery.drawer.cases, [case.id])
    assert disclose(dossiers[case.id], Side.CUSTOMER).steps[0].by == people[BO].name


async def test_a_person_with_an_order_that_is_open_keeps_the_name(archive: Archive) -> None:
    case = await archive.office.place()
    await archive.office.attest(case, BO)
    await leave(archive, ANNA, BO)
    await archive.after(days=1)

    assert "names" not in await archive.after(days=3 * 366)
    assert (await archive.due()).get("names") is None


async def test_the_two_years_begin_when_the_order_is_closed(archive: Archive) -> None:
    case = await archive.office.place()
    await archive.office.relay.drain()
    await leave(archive, ANNA)
    await archive.after(days=20)
    await archive.office.press(case, BO, Action.REJECT, reason=REASON)
    await archive.after(days=100)
    await archive.after(hours=1)
    (row,) = await archive.rows(tables.persons, tables.persons.c.id == ANNA)
    early = await archive.after(days=625)
    gone = await archive.after(days=10)

    assert row.last_order_at is not None
    assert ("names" in early, gone.get("names")) == (False, 1)


async def test_of_orders_forgotten_in_one_night_the_latest_begins_the_two_years(archive: Archive) -> None:
    await rejected(archive)
    archive.office.clock.forward(days=20)
    latest = archive.office.clock()
    await rejected(archive, key="later")
    await archive.after(days=31)
    await archive.after(days=100)
    (row,) = await archive.rows(tables.persons, tables.persons.c.id == ANNA)

    assert row.last_order_at == latest


async def test_somebody_who_comes_back_in_time_keeps_the_name(archive: Archive) -> None:
    await leave(archive, KARIN)
    await archive.after(days=1)
    await archive.office.change(tables.persons, tables.persons.c.id == KARIN, active=True)
    await archive.after(days=700)
    await leave(archive, KARIN)
    await archive.after(days=40)
    (row,) = await archive.rows(tables.persons, tables.persons.c.id == KARIN)

    assert row.name == "Karin Jonsson"


async def test_the_keys_and_accounts_of_a_former_person_open_nothing_and_name_nobody(archive: Archive) -> None:
    key = {"id": "K1", "hash": "h", "person_id": BO, "organisation_id": seed.REGION, "label": "Bo Eks nyckel"}
    made = insert(tables.api_keys).values(key | {"created_at": archive.office.clock()})
    await archive.office.database.write(lambda connection: connection.execute(made))
    await archive.office.unlink(BO)
    workspace = (await archive.office.workspaces.all())[0]
    (bo,) = [each for each in seed.PEOPLE if each[0] == BO]
    person = await archive.office.directory.find_by_slack_user(workspace, seed.slack_user(BO))
    await archive.office.directory.offer_link(person, workspace, seed.slack_user(BO))
    await leave(archive, BO)
    await archive.after(days=1)
    await archive.after(days=740)
    (row,) = await archive.rows(tables.api_keys)

    assert (row.label, row.revoked_at is not None) == ("", True)
    assert await archive.rows(tables.identities, tables.identities.c.person_id == BO) == []
    assert await archive.office.cards(person_id=BO) == []
    assert bo[1] == "Bo Ek"


async def test_of_people_only_who_left_is_due_and_not_while_an_order_still_has_messages_or_whose_key_is_anothers(
    archive: Archive,
) -> None:
    """Bo left long ago; Cecilia is back, and Anna ordered something that is open, without a message left."""
    at = archive.office.clock()
    case = await archive.office.place()
    await archive.office.database.write(lambda connection: connection.execute(delete(tables.cards)).close())
    for person, is_active in ((BO, False), (CECILIA, True), (ANNA, False)):
        which = tables.persons.c.id == person
        await archive.office.change(tables.persons, which, active=is_active, left_at=seed.LONG_AGO)
        key = {"id": f"K-{person}", "hash": person, "person_id": person, "label": person, "created_at": at}
        await archive.office.database.write(lambda c, key=key: c.execute(insert(tables.api_keys), key).close())
        card = {"id": f"C-{person}", "person_id": person, "kind": "link", "part": "orderer", "about": "account"}
        card |= {"must_show": 1, "does_show": 0, "priority": 1, "attempts": 0}
        await archive.office.database.write(lambda c, card=card: c.execute(insert(tables.cards), card).close())
    names = next(step.taker for step in archive.purge._steps if step.kind == "names")

    assert await archive.office.database.read(lambda connection: names.count(connection, at)) == 1
    assert await archive.office.database.write(lambda connection: names.take(connection, at, at)) == 1
    gone = await archive.rows(tables.persons, tables.persons.c.pseudonymised_at.is_not(None))
    keys = {row.person_id: row.revoked_at for row in await archive.rows(tables.api_keys)}
    assert [row.id for row in gone] == [BO]
    assert keys == {BO: at, CECILIA: None, ANNA: None}
    assert {row.person_id for row in await archive.rows(tables.cards)} == {CECILIA, ANNA}
    assert case.orderer == ANNA


# --- decisions and history


async def test_seven_years_after_its_own_a_decision_is_gone_and_history_still_holds(archive: Archive) -> None:
    case = await rejected(archive)
    await archive.seal()
    archive.office.clock.at = archive.office.clock().replace(year=2030)
    young = await rejected(archive, key="young")
    archive.office.clock.at = archive.office.clock().replace(year=2033, month=12, day=31, hour=12)
    await archive.after(hours=1)
    early, kept = await archive.due(), len(await archive.rows(tables.history, tables.history.c.case_id == case.id))
    gone = await archive.after(days=1)
    (row,) = await archive.rows(tables.cases, tables.cases.c.id == case.id)

    assert ("history" in early, kept) == (False, 2)
    assert (gone["history"], gone["decisions"]) == (2, 1)
    assert await archive.rows(tables.history, tables.history.c.case_id == case.id) == []
    assert len(await archive.rows(tables.history, tables.history.c.case_id == young.id)) == 2
    report = await archive.verify()
    assert (report.holds, report.purged) == (True, 2)
    assert (row.decisions, row.progress, row.customer_ore, row.invoice_reference) == ("[]", "{}", 0, None)
    (beside,) = await archive.rows(tables.cases, tables.cases.c.id == young.id)
    assert beside.invoice_reference == "planterad ref"
    assert [each for each in (str(row),) if ANNA in each or BO in each or "Planterad" in each or "150000" in each] == []
    assert row.purged == Stage.DECISIONS_GONE


async def test_what_was_ordered_stays_and_can_be_read_by_every_side(archive: Archive) -> None:
    case = await archive.office.place(**via_agent())
    await archive.office.press(case, ANNA, Action.WITHDRAW, confirmed=True)
    await archive.after(days=31)
    await archive.after(days=9 * 366)
    dossiers = await records(archive.office.delivery.drawer.cases, [case.id])
    read = dossiers[case.id]

    assert read.case.order.units == case.order.units
    assert (read.case.customer, read.case.agent, read.case.closed_at) == (
        case.customer,
        case.agent,
        read.case.closed_at,
    )
    assert {disclose(read, side).orderer for side in Side} <= {"–", None}
    assert all(disclose(read, side).steps == () for side in Side)


# --- the purge itself


async def test_a_dry_run_changes_nothing_and_says_what_would_go(archive: Archive) -> None:
    await rejected(archive)
    await archive.seal()
    archive.office.clock.forward(days=9 * 366)
    before = await archive.stored()
    due = await archive.due()

    assert await archive.stored() == before
    assert due == {"cards": 1, "slack_ids": 1, "free_texts": 1, "decisions": 1, "paces": due["paces"], "history": 1}


async def test_a_second_purge_finds_nothing_more(archive: Archive) -> None:
    await rejected(archive)
    await archive.after(days=9 * 366)
    # A line tells of the first purge, and lets go of what was the last row until then.
    for _ in range(2):
        await archive.after(hours=1)

    assert await archive.after(hours=1) == {}
    assert await archive.due() == {}


async def test_two_purges_at_once_take_everything_once(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(purging_cases, "BATCH", 2)
    monkeypatch.setattr(card_reduction, "BATCH", 2)
    for number in range(7):
        await rejected(archive, key=f"V{number}")
    other = Archive(await archive.office.another())
    await archive.after(days=31)
    archive.office.clock.forward(days=800)
    gone = await asyncio.gather(*(each.purge.run(archive.office.clock()) for each in (archive, other)))

    assert sum(each["slack_ids"] for each in gone) == 7
    assert sum(each["free_texts"] for each in gone) == 7
    assert "Planterad kommentar" not in (await archive.stored())["cases"]
    await other.office.database.close()


async def test_how_far_it_has_come_is_told_by_kind(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(card_reduction, "BATCH", 2)
    for number in range(3):
        await rejected(archive, key=f"V{number}")
    archive.office.clock.forward(days=31)
    told = []
    await archive.purge.run(archive.office.clock(), lambda *each: told.append(each))

    assert [each for each in told if each[0] == "cards"] == [("cards", 2, 3), ("cards", 3, 3)]


async def test_what_is_due_is_found_by_index(archive: Archive) -> None:
    await rejected(archive)
    at = archive.office.clock() + timedelta(days=31)
    for step in archive.purge._steps:
        for work in (
            lambda connection, step=step: step.taker.count(connection, at),
            lambda connection, step=step: step.taker.take(connection, at, at),
        ):
            found = await archive.office.database.write(lambda connection, work=work: scans(connection, work))
            assert found == [], step.kind
