"""What is done by whoever is signed in on the web says so in history, and how the person had signed in."""

import pytest
from sqlalchemy import select

from core.api import Action, ActOnCase, Answers, Assurance, NoRole, Seen, Surface, refusal_of, refusal_of_order
from core.storage import tables
from core.storage.audit.refusal_log import SqlRefusalLog
from tests.contract.office import open_office, wish
from tests.support.world.seed import ANNA, BO

BY_CODE = {"surface": Surface.WEB, "signed_in": Assurance.MAIL_CODE}
BY_LINK = {"surface": Surface.WEB, "signed_in": Assurance.MAIL_LINK}


@pytest.fixture
async def office(database_url):
    made = await open_office(database_url)
    yield made
    await made.database.close()


async def told(office):
    """What history says of each line: by whom, what, where, and how sure that is."""
    lines = tables.history.c
    query = select(lines.person_id, lines.action, lines.surface, lines.assurance).order_by(lines.id)
    return [tuple(row) for row in await office.database.read(lambda connection: connection.execute(query).all())]


async def test_an_order_and_a_decision_say_that_they_came_by_the_web_and_how_one_had_signed_in(office):
    case = await office.place(by=ANNA, **BY_CODE)
    seen = Seen(case.step, case.content_version)
    await office.orders.act(
        ActOnCase(case.id, Action.ATTEST, BO, seen=seen, answers=Answers(confirmed=True), **BY_LINK)
    )

    assert await told(office) == [(ANNA, "submit", "web", "mail_code"), (BO, "attest", "web", "mail_link")]


async def test_what_is_refused_on_the_web_says_so_too(office):
    case = await office.place()
    command = ActOnCase(case.id, Action.ATTEST, ANNA, **BY_CODE)
    log, at = SqlRefusalLog(office.database), office.clock()

    await log.refused(refusal_of(command, NoRole(), at))
    await log.refused(refusal_of_order(wish(by=BO, **BY_LINK), NoRole(), at))

    assert (await told(office))[1:] == [(ANNA, "attest", "web", "mail_code"), (BO, "submit", "web", "mail_link")]


async def test_the_same_order_sent_twice_is_one_however_one_had_signed_in_meanwhile(office):
    first = await office.place(by=ANNA, **BY_CODE)

    assert (await office.place(by=ANNA, **BY_LINK)).id == first.id
