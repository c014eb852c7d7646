"""Killed while mail goes out, the product sends every mail, and a second copy of one says that it is the same."""

from collections import Counter

import pytest
from sqlalchemy import delete, update

from core.api import Orders
from core.storage import tables
from core.storage.database.database import Database
from tests.flow.slack import until
from tests.kill.crash import Crash, crashing
from tests.kill.stories import STORIES
from tests.support.machines.postoffice import post_office
from tests.support.world.seed import BO, CECILIA

pytestmark = pytest.mark.slow

PLACES, *_ = STORIES.values()
MAILS = {BO: "bo@elsewhere.example", CECILIA: "cecilia@elsewhere.example"}


async def out_of_slack(orders: Orders, database: Database) -> None:
    """Nobody in Slack has the addresses of those who may attest."""

    def work(connection) -> None:
        connection.execute(delete(tables.identities).where(tables.identities.c.person_id.in_(MAILS)))
        for person, email in MAILS.items():
            connection.execute(update(tables.persons).where(tables.persons.c.id == person).values(email=email))

    await database.write(work)


@pytest.fixture
def post():
    with post_office() as made:
        yield made


@pytest.fixture
def crash(database_url, post):
    with crashing(database_url, out_of_slack, smtp_port=post.port) as crash:
        yield crash


def ids(post) -> Counter:
    """How often each mail came."""
    return Counter(mail.message["Message-ID"] for mail in post.taken)


def asked(crash: Crash, post) -> bool:
    return {to for mail in post.taken for to in mail.to} == set(MAILS.values())


def test_killed_when_the_server_has_promised_and_nobody_has_written_it_down(crash, post):
    post.once_taken = crash.kill
    PLACES.comes_to(crash)()
    until(lambda: crash.kills == 1 and not post.sessions, what="the kill")
    promised = set(ids(post))

    crash.start_again()
    crash.settles_as(lambda: asked(crash, post))

    # As many copies more as mails were promised and not written down, each known by its id.
    again = [message for message, times in ids(post).items() if times > 1]
    assert len(ids(post)) == len(MAILS)
    assert max(ids(post).values()) == 2
    assert set(again) <= promised


def test_killed_before_anything_was_sent_each_mail_comes_once(crash, post):
    post.answer("RCPT", "451 Not yet", times=100)
    PLACES.comes_to(crash)()
    until(lambda: any(row.last_error == "smtp_451" for row in crash.rows(tables.cards)), what="the first try")
    crash.kill()
    post.answers.clear()

    crash.start_again()
    crash.settles_as(lambda: asked(crash, post))

    assert set(ids(post).values()) == {1}
    assert len(ids(post)) == len(MAILS)


def test_a_server_that_comes_back_gets_every_mail_once(crash, post):
    post.answer("MAIL", "421 Going down", times=3)
    PLACES.comes_to(crash)()

    crash.settles_as(lambda: asked(crash, post))

    assert set(ids(post).values()) == {1}
