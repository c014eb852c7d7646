"""An operator sees which messages are owed, late or lost, and is woken by those that need somebody."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import typer

from bot.cli.commands import cards
from core.api import SLACK_OFF, UNLINKED, Language
from core.storage import tables
from notifications.outbox.leases import LATE, REMEMBERED, OwedHow, outstanding
from notifications.rules.announcements import CardKind
from notifications.texts import when
from tests.contract.office import open_office
from tests.support.world.seed import NOW

TABLE = tables.cards
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
async def office(fresh_sqlite_url):
    made = await open_office(fresh_sqlite_url)
    await made.place()
    await made.relay.drain()
    yield made
    await made.database.close()


async def standings(office, **values):
    """How all cards stand once they have these values."""
    if values:
        await office.change(TABLE, TABLE.c.id.is_not(None), **values)
    found = await office.database.read(lambda connection: outstanding(connection, NOW))
    return {each.standing for each in found}


async def test_a_card_that_is_shown_is_owed_to_nobody(office):
    assert await standings(office) == set()


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({"due_at": NOW}, OwedHow.OWED),
        ({"due_at": NOW + LATE}, OwedHow.OWED),
        ({"due_at": NOW, "attempts": 1}, OwedHow.TRIED),
        ({"due_at": NOW - LATE}, OwedHow.OWED),
        ({"due_at": NOW - LATE - A_MOMENT}, OwedHow.LATE),
        ({"due_at": NOW - LATE - A_MOMENT, "leased_until": NOW}, OwedHow.LATE),
        ({"due_at": NOW - LATE - A_MOMENT, "leased_until": NOW + A_MOMENT}, OwedHow.OWED),
        ({"given_up_at": NOW, "last_error": "user_not_found"}, OwedHow.LOST),
        ({"given_up_at": NOW - REMEMBERED, "last_error": "user_not_found"}, None),
        ({"given_up_at": NOW, "last_error": SLACK_OFF}, None),
        ({"given_up_at": NOW, "last_error": UNLINKED}, None),
        # What still waits for an answer is tried again.
        ({"given_up_at": NOW, "last_error": "user_not_found", "due_at": NOW, "attempts": 1}, OwedHow.TRIED),
    ],
)
async def test_a_card_stands_as_its_row_says(office, values, standing):
    assert await standings(office, **values) == ({standing} - {None})


async def test_what_is_owed_where_nothing_is_taken_is_held(office):
    await office.change(tables.workspaces, tables.workspaces.c.id.is_not(None), problem="invalid_auth")

    assert await standings(office, due_at=NOW - LATE - A_MOMENT) == {OwedHow.HELD}


async def test_the_gravest_come_first(office):
    (first, *_) = await office.cards()
    await office.change(TABLE, TABLE.c.id.is_not(None), due_at=NOW)
    await office.change(TABLE, TABLE.c.id == first.id, due_at=None, given_up_at=NOW, last_error="user_not_found")

    found = await office.database.read(lambda connection: outstanding(connection, NOW))

    assert [each.standing for each in found][:2] == [OwedHow.LOST, OwedHow.OWED]


@pytest.mark.parametrize(
    ("values", "code", "first"),
    [
        (None, 0, "Every message has been sent."),
        ({"due_at": NOW.replace(year=2099)}, 0, "3 messages are on their way."),
        ({"due_at": NOW}, 1, "3 messages are late: they should have been sent more than five minutes ago."),
    ],
    ids=["sent", "on the way", "late"],
)
async def test_the_command_ends_with_one_where_somebody_must_look(
    office, fresh_sqlite_url, capsys, values, code, first
):
    if values is not None:
        await office.change(TABLE, TABLE.c.id.is_not(None), **values)

    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(cards, url=fresh_sqlite_url)

    assert ended.value.exit_code == code
    assert capsys.readouterr().out.splitlines()[0] == first


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("token_revoked", "Install the app again, or set a new token."),
        ("is_archived", "The channel is archived."),
        ("not_in_channel", "Invite the app, or choose another channel."),
        ("restricted_action_read_only_channel", "Change who may write there, or choose another channel."),
        ("user_disabled", "The person's account in Slack is closed"),
        ("message_not_found", "The message has been removed in Slack."),
        ("edit_window_closed", "The message can no longer be changed in Slack."),
    ],
)
async def test_the_command_says_once_what_is_to_be_done_about_what_slack_answered(
    office, fresh_sqlite_url, capsys, error, advice
):
    values = {"due_at": None, "given_up_at": datetime.now(UTC), "last_error": error}
    if error == "token_revoked":
        values = {"due_at": NOW}
        await office.change(tables.workspaces, tables.workspaces.c.id.is_not(None), problem=error)
    await office.change(TABLE, TABLE.c.id.is_not(None), **values)

    with pytest.raises(typer.Exit):
        await asyncio.to_thread(cards, url=fresh_sqlite_url)

    said = capsys.readouterr().out
    assert said.count(advice) == 1
    assert said.count(f"last answer: {error}") == len(await office.cards())


async def test_of_each_that_is_not_as_it_should_be_the_command_says_which_it_is_and_what_was_answered(
    office, fresh_sqlite_url, capsys
):
    [card] = await office.cards(kind=CardKind.STATUS)
    values = {"due_at": None, "given_up_at": datetime.now(UTC), "attempts": 4, "last_error": "user_not_found"}
    await office.change(TABLE, TABLE.c.id == card.id, **values)

    with pytest.raises(typer.Exit):
        await asyncio.to_thread(cards, language="sv", url=fresh_sqlite_url)

    first, second, _ = capsys.readouterr().out.splitlines()
    since = when(Language.SV, values["given_up_at"])
    assert first == "1 meddelande har inte nått någon de senaste 7 dagarna."
    assert second == (
        f"förlorat: status, {card.case_id}, till {card.workspace_id}, sedan {since}. "
        f"Försök: 4, senaste svar: user_not_found. Meddelande {card.id}."
    )


@pytest.mark.parametrize(("option", "said"), [("retry", "is sent again"), ("drop", "is sent no more")])
async def test_the_command_looks_after_one_message(office, fresh_sqlite_url, capsys, option, said):
    (card, *_) = await office.cards()
    await office.change(TABLE, TABLE.c.id == card.id, due_at=NOW)

    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(cards, url=fresh_sqlite_url, **{option: card.id})

    assert ended.value.exit_code == 0
    assert capsys.readouterr().out == f"Message {card.id} {said}.\n"


async def test_the_command_says_what_keeps_it_from_looking_after_a_message(office, fresh_sqlite_url, capsys):
    (card, *_) = await office.cards()

    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(cards, url=fresh_sqlite_url, retry=card.id, language="sv")

    assert ended.value.exit_code == 1
    assert capsys.readouterr().out == f"Det finns inget kvar att skicka av meddelande {card.id}.\n"


async def test_the_command_does_one_thing_at_a_time(office, fresh_sqlite_url, capsys):
    with pytest.raises(typer.Exit) as ended:
        cards(url=fresh_sqlite_url, retry="C1", drop="C1")

    assert ended.value.exit_code == 2
    assert "Give --retry or --drop, not both." in capsys.readouterr().err


async def test_programs_read_what_is_owed_as_json(office, fresh_sqlite_url, capsys):
    await office.change(TABLE, TABLE.c.id.is_not(None), due_at=NOW)
    with pytest.raises(typer.Exit):
        await asyncio.to_thread(cards, url=fresh_sqlite_url, as_json=True)
    found = json.loads(capsys.readouterr().out)

    assert {each["card"] for each in found} == {card.id for card in await office.cards()}
    assert {"case", "kind", "workspace", "standing", "since", "attempts", "error"} <= set(found[0])
