"""Whoever is named a substitute is told, and so is the absent person, whatever the way in; on both databases alike."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from core.api import Part, Role, Surface
from core.register.administration import Author
from core.register.substitutions import Substitution, days
from core.storage.register.substitution_entries import end_substitution, write_substitution
from core.storage.register.substitutions import put_substitution
from notifications.outbox import repository
from notifications.slack.slack_errors import TryLater
from tests.contract.office import open_office
from tests.fakes.slack import POST
from tests.support.world.seed import ADA, AGENT, ASTA, BO, CECILIA, HELENA, NOW, REGION, slack_user

FIRST, LAST = date(2026, 11, 25), date(2026, 12, 4)


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


def wish(by):
    since, until = days(FIRST, LAST)
    return Substitution(BO, CECILIA, REGION, Role.ATTESTANT, since, until, by)


async def told(office):
    await office.store.owe_substitutes()
    await office.relay.drain()
    return {person: [each.text for each in office.slack.in_channel(slack_user(person))] for person in (BO, CECILIA)}


async def test_both_hear_of_a_substitute_that_was_named_in_a_file(office):
    await office.database.write(lambda c: write_substitution(c, wish("file"), NOW))

    heard = await told(office)

    assert heard[BO] == ["Cecilia Dahl är ersättare för dig 25 november–4 december 2026."]
    assert heard[CECILIA] == [
        "You are the substitute for Bo Ek 25 November–4 December 2026. You attest in your own name."
    ]


async def test_a_card_is_for_those_who_decide_in_the_role_that_is_lent(office):
    agents = replace(wish("file"), absent=HELENA, substitute=ASTA, organisation=AGENT, role=Role.AGENT_HANDLER)
    for each in (wish("file"), agents):
        await office.database.write(partial(write_substitution, substitution=each, at=NOW))
    await office.store.owe_substitutes()

    assert {(card.person_id, card.part) for card in await office.cards(kind="substitute")} == {
        *((person, Part.CUSTOMER_ATTESTANT) for person in (BO, CECILIA)),
        *((person, Part.AGENT_HANDLER) for person in (HELENA, ASTA)),
    }


async def test_whoever_did_it_is_not_told(office):
    await office.database.write(lambda c: put_substitution(c, wish(BO), NOW, Author(BO, Surface.SLACK)))

    heard = await told(office)

    assert (heard[BO], len(heard[CECILIA])) == ([], 1)


async def test_it_is_told_once_and_again_when_it_ends(office):
    number, _ = await office.database.write(lambda c: write_substitution(c, wish("file"), NOW))
    await told(office)
    assert [len(each) for each in (await told(office)).values()] == [1, 1]
    by = Author("key", Surface.API)

    await office.database.write(lambda c: end_substitution(c, number, None, NOW, by))

    assert (await told(office))[BO][-1] == "Cecilia Dahl är inte längre ersättare för dig."


async def test_of_more_changes_than_are_looked_at_at_once_nobody_is_left_untold(office, monkeypatch):
    monkeypatch.setattr(repository, "SUBSTITUTIONS_AT_ONCE", 1)
    agents = replace(wish("file"), absent=HELENA, substitute=ASTA, organisation=AGENT, role=Role.AGENT_HANDLER)
    for each in (wish("file"), agents):
        await office.database.write(partial(write_substitution, substitution=each, at=NOW))

    owed = [await office.store.owe_substitutes() for _ in range(3)]

    assert owed == [2, 2, 0]
    assert {card.person_id for card in await office.cards(kind="substitute")} == {BO, CECILIA, HELENA, ASTA}


async def test_whoever_arranged_it_hears_that_somebody_else_has_ended_it(office):
    kept = (await office.database.write(lambda c: put_substitution(c, wish(BO), NOW, Author(BO, Surface.SLACK)))).kept
    await told(office)

    await office.database.write(lambda c: end_substitution(c, kept.id, None, NOW, Author(ADA, Surface.SLACK)))

    assert (await told(office))[BO] == ["Cecilia Dahl är inte längre ersättare för dig."]


async def test_what_does_not_reach_slack_at_once_comes_later(office):
    office.slack.trouble(POST, TryLater("timeout"), to=slack_user(CECILIA), times=2)
    await office.database.write(lambda c: write_substitution(c, wish("file"), NOW))

    assert (await told(office))[CECILIA] == []
    for _ in range(10):
        office.clock.forward(minutes=1)
        await office.relay.drain()

    assert len((await told(office))[CECILIA]) == 1
