"""Many people press in one second, in several processes: one decision, and everybody else hears whose."""

import asyncio
import random

import httpx
import pytest
from sqlalchemy import func, insert, select, update

from bot.pressed import Wish
from bot.sandbox.app import create_app
from bot.sandbox.server import serve
from bot.views.modals import ConfirmModal, RejectModal
from core import db
from core.api import (
    Action,
    CardId,
    Language,
    Orders,
    PersonId,
    PlaceOrder,
    Seen,
    Side,
    Surface,
    Unit,
    disclose,
    find,
    new_id,
)
from core.storage.queries import Queries
from core.storage.store import SqlStore
from notifications.announcements import Announcements
from notifications.buttons import Pointer
from tests import seed
from tests.flow.slack import says
from tests.product import free_port, products, sandbox_config, signed, submission

pytestmark = pytest.mark.slow

ATTESTANTS = [seed.BO, seed.CECILIA, *map(PersonId, ("P-extra1", "P-extra2", "P-extra3"))]
ROUNDS, SUBMISSIONS = 100, 50
# A connection kept over a slow round may be closed by the server just as it is used again, which is not ours to test.
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=0)


@pytest.mark.parametrize(("kind", "processes"), [("postgres", 2), ("sqlite", 1)])
async def test_of_fifty_submissions_at_once_one_decides_and_all_others_hear_whose(request, kind, processes):
    url = request.getfixturevalue(f"fresh_{kind}_url")
    database = await seed.seeded(url)
    await database.write(_more_attestants)
    orders = Orders(SqlStore(database), Announcements(), lambda: seed.NOW, new_id)
    sandbox = create_app(sandbox_config(f"http://127.0.0.1:{free_port()}/slack/events", more=_EXTRA))
    with serve(sandbox) as slack, products(url, slack, processes) as running:
        async with httpx.AsyncClient(limits=CONNECTIONS, timeout=30) as http:
            for number in range(ROUNDS):
                case = await orders.place(_wish(number))
                await _one_round(http, database, [each.url for each in running], case, number)
            await _none_given_up(database)
    await database.close()


async def _one_round(http, database, urls, case, number):
    draw = random.Random(number)
    view = disclose((await Queries(database).dossiers([case.id]))[case.id], Side.CUSTOMER)
    wishes = [
        _submission(view, draw.choice(ATTESTANTS), draw.choice(_ACTS), number * SUBMISSIONS + n) for n in range(50)
    ]

    posts = (_post(http, urls[n % len(urls)], payload) for n, (_, _, payload) in enumerate(wishes))
    answers = await asyncio.gather(*posts)

    won = [n for n, answer in enumerate(answers) if answer.json() == {"response_action": "clear"}]
    assert len(won) == 1, [answer.text[:200] for answer in answers if answer.status_code != 200]
    person, action, _ = wishes[won[0]]
    await _check_decision(database, case, person, action)
    for n, answer in enumerate(answers):
        if n != won[0]:
            _check_told(answer.json(), wishes[n][0], person)


def _submission(view, person, action, number):
    pointer = Pointer("test", CardId(""), view.case, Seen(view.step, view.content_version))
    row = find(view.flow, view.state, action)[0]  # The last of several attests asks the same as the others.
    metadata = Wish(pointer, action, None).metadata()
    modal = (ConfirmModal if action is Action.ATTEST else RejectModal).build(view, row, metadata, Language.SV)
    values = {} if action is Action.ATTEST else _REASON
    return person, action, submission(seed.slack_user(person), modal, values, number=number)


_ACTS = (Action.ATTEST, Action.REJECT)
_REASON = {
    "reason_code": {"reason_code": {"type": "static_select", "selected_option": {"value": "no_budget"}}},
    "reason": {"reason": {"type": "plain_text_input", "value": "Ryms inte i budget"}},
}


async def _post(http, url, payload):
    body, headers = signed(payload)
    return await http.post(f"{url}/slack/events", content=body, headers=headers)


async def _check_decision(database, case, person, action):
    lines = db.history
    decided = (lines.c.case_id == case.id, lines.c.kind == "change", lines.c.action != "submit")
    query = select(lines.c.person_id, lines.c.action).where(*decided)
    assert await database.read(lambda c: c.execute(query).all()) == [(person, action)]
    revision = select(db.cases.c.revision).where(db.cases.c.id == case.id)
    assert await database.read(lambda c: c.execute(revision).scalar_one()) == 2


def _check_told(answer, loser, winner):
    assert answer["response_action"] == "update"
    told = says(answer["view"])
    assert ("Du har redan" in told) if loser == winner else (_NAMES[winner] in told), told


async def _none_given_up(database):
    """Every card is shown or waits for its turn: Slack takes fifty edits a minute, so the last take a while."""
    given_up = select(func.count()).where(db.cards.c.given_up_at.is_not(None))
    assert await database.read(lambda c: c.execute(given_up).scalar_one()) == 0


def _wish(number):
    return PlaceOrder(
        by=seed.ANNA,
        customer=seed.REGION,
        offer=seed.NPO_KONSUMENT,
        units=(Unit(f"Enhet {number}"),),
        invoice_ref="REF",
        terms_accepted=True,
        key=f"K{number}",
        surface=Surface.API,
    )


_EXTRA = tuple(
    (PersonId(id_), name, "sv", [(seed.REGION, "attestant")])
    for id_, name in (("P-extra1", "Elsa Holm"), ("P-extra2", "Filip Lind"), ("P-extra3", "Greta Molin"))
)
_NAMES = {seed.BO: "Bo Ek", seed.CECILIA: "Cecilia Dahl"} | {each[0]: each[1] for each in _EXTRA}


def _more_attestants(connection):
    people = [
        {"id": id_, "name": name, "email": f"{id_}@example.org", "language": "sv", "active": True}
        for id_, name, *_ in _EXTRA
    ]
    connection.execute(insert(db.persons), people)
    connection.execute(update(db.persons).values(language="sv"))
    for id_, *_ in _EXTRA:
        connection.execute(insert(db.role_assignments), seed.role_assignment(id_, seed.REGION, "attestant"))
        connection.execute(insert(db.identities), seed.identity(id_))
