"""What Slack's request asks of the database before it is answered: over HTTP, with real signatures and real Bolt."""

from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from bot.acts.press import Wish
from bot.config.settings import load_settings
from bot.forms.orders.decisions import ApproveModal, ConfirmModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.reasons import RejectModal
from bot.main import join, now, product_of
from bot.server.background import Tasks
from core.api import Action, CardId, HealthLog, Language, Seen
from core.http import HealthChecks
from core.storage import tables
from core.storage.database.database_checks import database_checks
from notifications.render.button_values import Pointer, action_id
from notifications.slack.port import MessagePlace
from notifications.slack.slack_gateway import open_gateway
from notifications.slack.workspaces import Workspaces
from tests.contract.counting import ATTEST, CLAIM, LOOK, PRESS, Counted, counting, own
from tests.contract.office import via_agent
from tests.support.machines import product
from tests.support.world import contact, seed
from tests.support.world.seed import BO, HELENA, KARIN

PLACE = MessagePlace("D0TESTS0001", "1700000000.000001")
# Nobody answers there; what follows an acknowledgement may fail, and is not counted.
NO_SLACK = "http://127.0.0.1:9/api/"


def typed(text):
    return {"type": "plain_text_input", "value": text}


def chosen(value):
    return {"type": "static_select", "selected_option": {"value": value}}


TICKED = {"type": "checkboxes", "selected_options": [{"value": "yes"}]}
WHY = {"reason_code": {"reason_code": chosen("no_budget")}, "reason": {"reason": typed("Ryms inte")}}
APPROVAL = {"certified": {"certified": TICKED}, "attestant": {"attestant": chosen("all")}}
TEXT = {"message": {"message": typed("Gör så här")}}

# The order, who pressed before, who submits, which modal, for which action, with what in it.
# What ends an order also connects; PostgreSQL waits for the customer's turn, and reads anew what stood meanwhile.
CONNECTS = {
    "sqlite": [*PRESS["sqlite"], "INSERT", "INSERT"],
    "postgresql": ["SELECT", "SELECT", "SELECT", "WITH", "INSERT", "INSERT", "COMMIT;"],
}
SUBMISSIONS = {
    "attest": ({}, (), BO, ConfirmModal, Action.ATTEST, {}),
    "reject": ({}, (), BO, RejectModal, Action.REJECT, WHY),
    "approve": (via_agent(), (), HELENA, ApproveModal, Action.APPROVE, APPROVAL),
    "send instructions": ({}, (ATTEST, CLAIM), KARIN, InstructionsModal, Action.SEND_INSTRUCTIONS, TEXT),
}


@dataclass(frozen=True)
class Door:
    """The product's web application with nothing else at work, and what it had asked when it began to answer."""

    counted: Counted
    app: FastAPI
    asked: list[list[str]]
    tasks: Tasks
    workspaces: Workspaces

    async def __call__(self, scope, receive, send):
        async def noting(message):
            if message["type"] == "http.response.start":
                self.asked.append(self.counted.meter.words())
            await send(message)

        await self.app(scope, receive, noting)

    async def post(self, payload):
        """Post as Slack does; the answer, and the first words of the statements before it."""
        body, headers = product.signed(payload)
        self.counted.meter.clear()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self), base_url="http://test") as slack:
            answer = await slack.post("/slack/events", content=body, headers=headers)
        # What an answer does not wait for must not be counted with the next.
        await self.tasks.drain(60)
        return answer, self.asked[-1]


@pytest.fixture
async def door(database_url):
    async with counting(database_url) as counted, open_gateway(NO_SLACK) as gateway:
        desk, homes = join(settings(database_url), counted.database, gateway)
        health = HealthChecks(database_checks(counted.database), HealthLog(now))
        await desk.workspaces.ensure(
            team_id=product.TEAM_ID,
            enterprise_id=None,
            name="Inera",
            token=product.TOKEN,
            bot_user_id="U0BOT000001",
            channel=product.CHANNEL,
            language=Language.SV,
        )
        app = FastAPI()
        product_of(settings(database_url), counted.database, desk, homes, health).answer_in(app)
        yield Door(counted, app, [], desk.tasks, desk.workspaces)
        await desk.tasks.drain(60)


def settings(database_url):
    return load_settings(
        database_url=database_url,
        slack_bot_token=product.TOKEN,
        slack_signing_secret=product.SIGNING_SECRET,
        slack_api_url=NO_SLACK,
        slack_app_id=product.APP_ID,
        slack_channel=product.CHANNEL,
        portal_url="https://portal.example.org",
        **contact.SETTINGS,
        public_url="http://127.0.0.1:9",
        secret_key="of-the-tests-and-of-nobody-else-at-all",
        environment="test",
    )


def pointer(case):
    return Pointer("test", CardId(""), case.id, Seen(case.step, case.content_version))


def submitted(case, person, modal, action, values):
    metadata = Wish(pointer(case), action, PLACE).metadata()
    view = {"type": "modal", "callback_id": modal.CALLBACK, "private_metadata": metadata, "blocks": []}
    return product.submission(seed.slack_user(person), view, values, number=1)


def pressed(case, person, action):
    """A pressed button of a card, cut down to what is read of it."""
    whole = product.submission(seed.slack_user(person), {}, {}, number=1)
    button = {"type": "button", "action_id": action_id(action), "block_id": "b", "value": pointer(case).value()}
    place = {"type": "message", "channel_id": PLACE.channel, "message_ts": PLACE.ts}
    more = {"type": "block_actions", "actions": [button], "container": place, "channel": {"id": PLACE.channel}}
    return {name: value for name, value in whole.items() if name != "view"} | more


@pytest.mark.parametrize("kind", SUBMISSIONS)
async def test_before_a_submission_is_answered_there_is_the_press_and_nothing_else(door, kind):
    changes, earlier, person, modal, action, values = SUBMISSIONS[kind]
    case = await door.counted.case(changes, *earlier)

    answer, words = await door.post(submitted(case, person, modal, action, values))

    connects = CONNECTS if kind == "send instructions" else {}
    assert answer.json() == {"response_action": "clear"}
    assert own(words) == connects.get(door.counted.database.dialect, PRESS[door.counted.database.dialect])
    assert door.counted.commits(words) == 1


async def test_before_a_button_that_decides_is_answered_there_is_the_press_and_nothing_else(door):
    case = await door.counted.case({}, ATTEST)

    answer, words = await door.post(pressed(case, KARIN, Action.CLAIM))

    assert answer.status_code == 200
    assert own(words) == PRESS[door.counted.database.dialect]
    assert door.counted.commits(words) == 1


async def test_before_a_button_that_asks_is_answered_there_is_one_look(door):
    case = await door.counted.case({})

    answer, words = await door.post(pressed(case, BO, Action.ATTEST))

    assert answer.status_code == 200
    assert own(words) == LOOK


async def test_before_a_refused_submission_is_answered_there_are_reads_alone(door):
    case = await door.counted.case({})
    refused = submitted(case, HELENA, ConfirmModal, Action.ATTEST, {})
    # The first time, PostgreSQL's driver asks what a list of text is.
    await door.post(refused)

    answer, words = await door.post(refused)

    assert answer.json()["response_action"] == "update"
    # The case, the reader's language, and the names in the sentence.
    assert set(own(words)) == {"SELECT"}
    assert len(own(words)) <= 4


async def test_among_many_orders_and_people_a_submission_asks_for_the_same(door):
    _, among_few = await door.post(submitted(await door.counted.case({}), BO, ConfirmModal, Action.ATTEST, {}))
    await door.counted.fill()
    _, among_many = await door.post(submitted(await door.counted.case({}), BO, ConfirmModal, Action.ATTEST, {}))

    assert among_many == among_few


async def test_among_a_thousand_workspaces_a_submission_asks_for_the_same(door):
    _, among_few = await door.post(submitted(await door.counted.case({}), BO, ConfirmModal, Action.ATTEST, {}))
    await door.counted.database.write(a_thousand_more)
    case = await door.counted.case({})
    await door.workspaces.note_problem("slack:T0MORE00000", "token_revoked")
    _, among_many = await door.post(submitted(case, BO, ConfirmModal, Action.ATTEST, {}))

    assert among_many == among_few


def a_thousand_more(connection):
    """Workspaces of as many organisations, with the seal of the one that is there."""
    mine = dict(connection.execute(select(tables.workspaces)).mappings().one())
    names = (f"T0MORE{number:05}" for number in range(1_000))
    more = [mine | {"id": f"slack:{name}", "team_id": name, "organisation_id": name} for name in names]
    connection.execute(insert(tables.workspaces), more)
