"""What is answered as not saved was not saved, at whichever statement of a write the database fails."""

import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import insert, update

from bot.acts.press import Wish
from bot.forms.orders.decisions import ConfirmModal
from bot.main import now
from bot.sandbox.config import WorkspaceMember
from bot.wiring.joined import Joined
from core.api import (
    STOCKHOLM,
    Action,
    ActOnCase,
    Answers,
    Asking,
    CardId,
    Case,
    LinkState,
    Notified,
    PersonId,
    Role,
    Seen,
    Surface,
    Unit,
    new_id,
)
from core.storage import tables
from core.storage.database.database import Database
from core.storage.identity.api_keys import Keys
from notifications.render.button_values import Pointer, action_id
from notifications.slack.port import MessagePlace
from tests.contract import slack_payloads
from tests.contract.neighbours import everything
from tests.contract.office import wish
from tests.contract.slack_payloads import Account, Json
from tests.contract.slack_stand import Slacks, Stand, slacks, standing
from tests.contract.wire import Wire, wired
from tests.http.test_applications import BODY as APPLICATION
from tests.kill.faulty_disk import FaultyDisk, faulty_disk
from tests.support.machines.large import LARGE
from tests.support.world.seed import (
    AGENT,
    ANNA,
    BO,
    CLINIC,
    KARIN,
    PEOPLE,
    REGION,
    SARA,
    SITHS,
    TEAM,
    nobody_is_away,
    seeded,
    slack_user,
)
from tests.support.world.stored import let_wait
from tests.web.desk import Desk
from tests.web.filling import TYPED
from tests.web.working import Work, working

pytestmark = pytest.mark.slow

# No write makes so many statements.
ENDLESS = 300
# What is written beside an answer, which it says nothing of: when a key or a session was used, and how fast one asks.
BESIDE = {"api_keys", "paces", "sessions"}
NOT_SAVED = re.compile(
    r"Inget (har )?registrera|Nothing (was|has been) registered|har inte registrerats|Inget har sparats"
)


@dataclass(frozen=True)
class Answered:
    """What somebody reads: whether it says that it was saved, that it was not, or neither."""

    status: int
    text: str
    code: str = ""
    is_silent: bool = False

    @property
    def was_saved(self) -> bool:
        return self.status in {200, 201, 303} and not self.was_not and not self.is_silent

    @property
    def was_not(self) -> bool:
        if self.code:
            return self.code != "unsure"
        return bool(NOT_SAVED.search(self.text))


@dataclass(frozen=True)
class Stage:
    """The product, and the way to its database on which something may happen."""

    work: Work
    keys: dict[PersonId | None, str]
    numbers: Iterator[int]
    stack: AsyncExitStack

    async def sit_down(self, person: PersonId) -> Desk:
        """Somebody sits down at the pages of the own work."""
        return await self.stack.enter_async_context(self.work(person))

    async def call(self, person: PersonId | None, method: str, address: str, body: object = None) -> Answered:
        """A system calls the API by somebody's key, and repeats nothing."""
        headers = {"Authorization": f"Bearer {self.keys[person]}", "Idempotency-Key": f"K{next(self.numbers)}"}
        transport = httpx.ASGITransport(self.work.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://kundportal.test/api/v1") as client:
            answer = await client.request(method, address, json=body, headers=headers)
        return Answered(answer.status_code, answer.text, answer.json().get("code", "") if answer.is_error else "")

    @property
    def joined(self) -> Joined:
        return self.work.joined

    @property
    def database(self) -> Database:
        return self.work.database

    async def placed(self, *steps: tuple[PersonId, Action, dict]) -> Case:
        return await placed(self, *steps)


async def placed(stage: "Stage | InSlack", *steps: tuple[PersonId, Action, dict]) -> Case:
    """An order of Anna's on which others have acted."""
    number = next(stage.numbers)
    case = await stage.joined.orders.place(wish(key=f"P{number}", units=(Unit(f"Enhet {number}"),)))
    for person, does, answers in steps:
        seen = Seen(case.step, case.content_version)
        command = ActOnCase(case.id, does, Asking(person), Surface.SLACK, seen, Answers(**answers))
        case = (await stage.joined.orders.act(command)).after
    return case


async def stored(database: Database) -> dict[str, list]:
    """Everything that is stored, without what an answer says nothing of."""
    rows = await database.read(everything)
    # Who was refused what, and cards about what is not ready, are written because nothing else was.
    rows |= {"history": [each for each in rows["history"] if each["kind"] != "refusal"]}
    return {table: rows[table] for table in rows.keys() - BESIDE}


ATTEST, CLAIM = (BO, Action.ATTEST, {"confirmed": True}), (KARIN, Action.CLAIM, {})
SENT = (KARIN, Action.SEND_INSTRUCTIONS, {"message": "Så här."})
ASKED = (BO, Action.REQUEST_COMPLETION, {"message": "Vilken?"})
NAMES = {"sv": "Ny", "en": "New"}
OFFER = {
    "service": "npo", "name": NAMES, "flow": "direct", "categories": ["region"], "terms_url": "https://example.org/v",
    "template": NAMES,
}  # fmt: skip
PRICE = {
    "payer": "customer",
    "kind": "startup",
    "unit": "order",
    "amount_ore": 7,
    "from": "2019-01-01",
    "to": "2019-02-01",
}

# --- over HTTP

Do = Callable[[], Awaitable[Answered]]
Deed = Callable[[Stage], Awaitable[Do]]


def to_an_order(action: str, *steps, body: dict | None = None, person=ANNA) -> Deed:
    """Somebody's system does something to an order."""

    async def prepare(stage: Stage) -> Do:
        case = await stage.placed(*steps)
        if action == "keep":
            since = case.waiting_since - timedelta(days=40)
            await stage.database.write(partial(let_wait, case=case, since=since))
        sent = body and body | {"step": case.step}
        return partial(stage.call, person, "POST", f"/orders/{case.id}/{action}", sent)

    return prepare


def to_the_register(method: str, address: str, body: Callable[[int], object]) -> Deed:
    """The operator writes something that was not so before."""

    async def prepare(stage: Stage) -> Do:
        number = next(stage.numbers)
        return partial(stage.call, None, method, f"/register/{address.format(n=number)}", body(number))

    return prepare


async def place(stage: Stage) -> Do:
    units = [{"name": f"Enhet {next(stage.numbers)}"}]
    body = {"offer": SITHS, "units": units, "invoice_ref": "REF-1", "terms_accepted": True}
    return partial(stage.call, ANNA, "POST", "/orders", body)


async def apply(stage: Stage) -> Do:
    return partial(
        stage.call, None, "POST", "/applications", APPLICATION | {"organisation": f"Region {next(stage.numbers)}"}
    )


async def numbered(stage: Stage, address: str, body: dict) -> int:
    """Something of the register that has a number."""
    made = await stage.call(None, "POST", f"/register/{address}", body)
    assert made.was_saved, made
    return json.loads(made.text)["id"]


def to_a_role(method: str, end: str, body: Callable[[int], object]) -> Deed:
    async def prepare(stage: Stage) -> Do:
        number = next(stage.numbers)
        granted = {"person": SARA, "organisation": REGION, "role": "attestant", "attest_limit_ore": number}
        id_ = await numbered(stage, "roles", granted)
        return partial(stage.call, None, method, f"/register/roles/{id_}{end}", body(number))

    return prepare


async def remind(stage: Stage) -> Do:
    """An order's orderer reminds, a working day after the question, and before the clock does."""
    case = await stage.placed()
    today = now().astimezone(STOCKHOLM).date()
    waits = (case.waiting_since - timedelta(days=days) for days in range(1, 15))
    since = next(at for at in waits if replace(case, waiting_since=at).wait.may_be_nudged_from(today) == today)
    waited = update(tables.cases).where(tables.cases.c.id == case.id).values(waiting_since=since)
    await stage.database.write(lambda connection: connection.execute(waited).close())
    return partial(stage.call, ANNA, "POST", f"/orders/{case.id}/remind")


async def ask_each_alone(stage: Stage) -> Do:
    """The operator lets attestants be asked each by themselves, who were asked in a channel."""
    chosen = {"channel": "C0123456789", "notified": Notified.ASKED, "asked_only": False, "changed_at": now()}
    asked = insert(tables.role_channels).values(organisation_id=REGION, role=Role.ATTESTANT, **chosen)

    def ask_in_a_channel(connection) -> None:
        connection.execute(tables.role_channels.delete())
        connection.execute(asked)

    await stage.database.write(ask_in_a_channel)
    address = f"/register/organisations/{REGION}/channels/attestant"
    return partial(stage.call, None, "PUT", address, {"channel": None})


async def unlink(stage: Stage) -> Do:
    await link(stage.database, LinkState.CONFIRMED)
    return partial(stage.call, None, "POST", f"/register/persons/{SARA}/unlink", {})


async def link(database: Database, state: LinkState) -> None:
    """Let it stand so with Sara's account in Slack."""
    linked = update(tables.identities).where(tables.identities.c.person_id == SARA).values(state=state)
    await database.write(lambda connection: connection.execute(linked).close())


async def end_a_substitution(stage: Stage) -> Do:
    id_ = await numbered(stage, "substitutions", substitution(next(stage.numbers)))
    return partial(stage.call, None, "POST", f"/register/substitutions/{id_}/end", {})


def substitution(number: int) -> dict[str, str]:
    day = now().date() + timedelta(days=20 * number)
    days = {"from": day.isoformat(), "to": (day + timedelta(days=3)).isoformat()}
    return {"absent": BO, "substitute": SARA, "organisation": REGION, "role": "attestant"} | days


HTTP: dict[str, Deed] = {
    "POST /orders": place,
    "POST /orders/{order}/withdraw": to_an_order("withdraw"),
    "POST /orders/{order}/keep": to_an_order("keep"),
    "POST /orders/{order}/remind": remind,
    "POST /orders/{order}/answer": to_an_order("answer", ASKED, body={"message": "Den i norr."}),
    "POST /orders/{order}/confirm": to_an_order("confirm", ATTEST, CLAIM, SENT),
    "POST /applications": apply,
    "POST /register/organisations": to_the_register(
        "POST", "organisations", lambda n: {"org_number": "2321000016", "name": f"Region {n}", "kinds": ["customer"]}
    ),
    "PUT /register/organisations/{organisation}/agreements/{type}": to_the_register(
        "PUT", f"organisations/{CLINIC}/agreements/kundavtal", lambda n: {"from": "2024-01-01", "ended": day(n)}
    ),
    "PUT /register/organisations/{organisation}/agent-assignments/{service}": to_the_register(
        "PUT", f"organisations/{AGENT}/agent-assignments/npo", lambda n: {"from": "2024-01-01", "ended": day(n)}
    ),
    "POST /register/persons": to_the_register(
        "POST", "persons", lambda n: {"email": f"ny{n}@example.org", "name": "Nils Ny"}
    ),
    "PUT /register/organisations/{organisation}/channels/{role}": ask_each_alone,
    "POST /register/persons/{person}/unlink": unlink,
    "PUT /register/services/{code}": to_the_register("PUT", "services/ny{n}", lambda _: {"name": NAMES}),
    "PUT /register/offers/{code}": to_the_register("PUT", "offers/ny{n}", lambda _: OFFER),
    "PUT /register/offers/{code}/prices": to_the_register(
        "PUT", f"offers/{SITHS}/prices", lambda n: {"prices": [PRICE | {"amount_ore": n}]}
    ),
    "POST /register/roles": to_the_register(
        "POST", "roles", lambda n: {"person": SARA, "organisation": REGION, "role": "attestant", "attest_limit_ore": n}
    ),
    "PUT /register/roles/{id}": to_a_role("PUT", "", lambda n: {"attest_limit_ore": 1_000 + n}),
    "POST /register/roles/{id}/end": to_a_role("POST", "/end", lambda _: {}),
    "POST /register/substitutions": to_the_register("POST", "substitutions", substitution),
    "POST /register/substitutions/{id}/end": end_a_substitution,
}


# --- on pages


def on_a_page(person: PersonId, button: str, *steps, in_form: bool = False, **typed: str) -> Deed:
    """Somebody opens a case, and presses a button, or sends the form that it opens."""

    async def prepare(stage: Stage) -> Do:
        case = await stage.placed(*steps)
        desk = await stage.sit_down(person)
        await desk.open(f"/arbete/arende/{case.id}")
        if not in_form:
            return partial(on_the_page, desk, partial(desk.press, button))
        await desk.follow(button)
        return partial(on_the_page, desk, partial(desk.send, **typed))

    return prepare


async def order_on_a_page(stage: Stage) -> Do:
    desk = await stage.sit_down(ANNA)
    await (await desk.open()).follow("Ny beställning")
    await desk.update(**{desk.name_of("offer"): SITHS})
    typed = {"units": f"Enhet {next(stage.numbers)}", "invoice_ref": "REF-1", "terms_accepted": "1"}
    return partial(on_the_page, desk, partial(desk.send, **typed))


async def apply_on_a_page(stage: Stage) -> Do:
    desk = await stage.sit_down(ANNA)
    await desk.open("/ansok")
    typed = TYPED | {"organisation": f"Region {next(stage.numbers)}"}
    return partial(on_the_page, desk, partial(desk.send, **typed))


async def on_the_page(desk: Desk, act: Callable[[], Awaitable[object]]) -> Answered:
    """What somebody reads who has pressed, on the page that the answer led to."""
    await act()
    return Answered(desk.posted, desk.text)


WEB: dict[str, Deed] = {
    "an order": order_on_a_page,
    "an attest": on_a_page(BO, "Attestera", in_form=True),
    "a rejection": on_a_page(BO, "Avslå", in_form=True, reason_code="no_budget", reason="Nej"),
    "a question": on_a_page(BO, "Begär komplettering", in_form=True, message="Vilken?"),
    "a withdrawal": on_a_page(ANNA, "Ta tillbaka beställningen", in_form=True),
    "a claim": on_a_page(KARIN, "Ta ärendet", ATTEST),
    "instructions": on_a_page(KARIN, "Skicka instruktion", ATTEST, CLAIM, in_form=True, message="Så här."),
    "a confirmation": on_a_page(ANNA, "Bekräfta anslutning", ATTEST, CLAIM, SENT),
    "an application": apply_on_a_page,
}


def day(number: int) -> str:
    return (now().date() + timedelta(days=number)).isoformat()


Way = Wire | FaultyDisk
# What happens, by the kind of database: to one connection or all of it, before a statement was heard or after.
TROUBLES: dict[str, tuple[str, dict[str, bool]]] = {
    "the disk is full from then on": ("sqlite", {"full": True, "stays": True}),
    "the disk is full for one statement": ("sqlite", {"full": True, "stays": False}),
    "the disk fails once": ("sqlite", {"full": False, "stays": False}),
    "a connection is cut before": ("postgres", {"heard": False, "stays": False}),
    "a connection is cut after": ("postgres", {"heard": True, "stays": False}),
    "the server stops before": ("postgres", {"heard": False, "stays": True}),
    "the server stops after": ("postgres", {"heard": True, "stays": True}),
}


def sampled(deeds: Iterable[str]) -> list[tuple[str, str]]:
    """Each deed with one of the troubles, which take turns; with LARGE, with all of them."""
    pairs = zip(deeds, itertools.cycle(TROUBLES), strict=False)
    return list(itertools.product(deeds, TROUBLES)) if LARGE else list(pairs)


@contextmanager
def on_the_way(url: str) -> Iterator[tuple[str, Way]]:
    """Where the product finds its database, and what may happen on the way there."""
    if url.startswith("sqlite"):
        with faulty_disk() as disk:
            yield url, disk
    else:
        with wired(url) as wire:
            yield wire.url, wire


@asynccontextmanager
async def staged(url: str) -> AsyncIterator[tuple[Stage, Way]]:
    """The product at the end of such a way."""
    with on_the_way(url) as (through, way):
        async with working(url, through) as work, AsyncExitStack() as stack:
            keys = Keys(work.database)
            held = {ANNA: (ANNA, REGION), None: None}
            tokens = {who: await keys.create(new_id, now(), "a system", of) for who, of in held.items()}
            stage = Stage(work, tokens, itertools.count(1), stack)
            for who in tokens:
                # That a key is used for the first time today is written beside the answer.
                await stage.call(who, "GET", "/orders")
            await work.joined.tasks.drain(60)
            yield stage, way


@pytest.mark.parametrize(("deed", "trouble"), sampled(HTTP))
async def test_what_a_system_is_told_was_not_saved_was_not(request, deed, trouble):
    async with staged(request.getfixturevalue(f"fresh_{TROUBLES[trouble][0]}_url")) as (stage, way):
        await tried_everywhere(stage, way, HTTP[deed], trouble)


# --- in Slack

INERA, PLACE = TEAM.removeprefix("slack:"), MessagePlace("D0TESTS0001", "1764000000.000100")


@dataclass(frozen=True)
class InSlack:
    """The product behind its door for Slack."""

    stand: Stand
    numbers: Iterator[int]

    @property
    def joined(self) -> Joined:
        return self.stand.joined

    @property
    def database(self) -> Database:
        return self.stand.database

    async def placed(self, *steps: tuple[PersonId, Action, dict]) -> Case:
        return await placed(self, *steps)

    async def sees(self, person: PersonId, post: Callable[[Account], Awaitable[httpx.Response]]) -> Answered:
        """Somebody does something, and reads what comes of it, wherever that is said."""
        slacks, user = self.stand.slacks, slack_user(person)
        slacks.clear(user)
        answer = await post(slacks.at(INERA, INERA, user, in_channel=False))
        text = "\n".join((answer.text, *slacks.seen_by(user)))
        return Answered(answer.status_code, text, is_silent=answer.json() != CLEAR if answer.content else True)


CLEAR = {"response_action": "clear"}


def by_a_button(person: PersonId, action: Action, *steps) -> Deed:
    """Somebody presses what asks for nothing more."""

    async def prepare(stage: InSlack) -> Do:
        case = await stage.placed(*steps)
        value = Pointer("test", CardId(""), case.id, Seen(case.step, case.content_version, case.claim)).value()
        return partial(
            stage.sees, person, lambda by: stage.stand.interact(slack_payloads.press(by, action_id(action), value))
        )

    return prepare


def by_a_form(person: PersonId, action: Action, callback: str, *steps, **typed: Json) -> Deed:
    """Somebody sends the form that a button has opened."""

    async def prepare(stage: InSlack) -> Do:
        case = await stage.placed(*steps)
        pointer = Pointer("test", CardId(""), case.id, Seen(case.step, case.content_version))
        view = {"callback_id": callback, "private_metadata": Wish(pointer, action, PLACE).metadata()}
        values = {name: {name: value} for name, value in typed.items()}
        return partial(stage.sees, person, lambda by: stage.stand.interact(slack_payloads.submission(by, view, values)))

    return prepare


async def confirm_an_account(stage: InSlack) -> Do:
    await link(stage.database, LinkState.OFFERED)
    return partial(stage.sees, SARA, lambda by: stage.stand.interact(slack_payloads.press(by, "kp.link_yes", "")))


SLACK: dict[str, Deed] = {
    "an attest": by_a_form(BO, Action.ATTEST, ConfirmModal.CALLBACK),
    "a withdrawal": by_a_form(ANNA, Action.WITHDRAW, ConfirmModal.CALLBACK),
    "a claim": by_a_button(KARIN, Action.CLAIM, ATTEST),
    "a release": by_a_button(KARIN, Action.RELEASE, ATTEST, CLAIM),
    "a confirmation": by_a_button(ANNA, Action.CONFIRM_CONNECTION, ATTEST, CLAIM, SENT),
    "a link": confirm_an_account,
}


@pytest.fixture(scope="module")
def there() -> Iterator[Slacks]:
    people = [
        WorkspaceMember(id=slack_user(id_), name=id_, real_name=name, email=f"{id_.removeprefix('P-')}@example.org")
        for id_, name, *_ in PEOPLE
    ]
    with slacks({INERA: people}) as made:
        yield made


@pytest.mark.parametrize(("deed", "trouble"), sampled(SLACK))
async def test_what_slack_is_told_was_not_saved_was_not(request, there, deed, trouble):
    kind, _ = TROUBLES[trouble]
    url = request.getfixturevalue(f"fresh_{kind}_url")
    there.forget()
    database = await seeded(url)
    await database.write(nobody_is_away)
    await database.close()
    with on_the_way(url) as (through, way):
        async with standing(through, there) as stand:
            await stand.install(INERA, None)
            await tried_everywhere(InSlack(stand, itertools.count(1)), way, SLACK[deed], trouble)


@pytest.mark.parametrize(("deed", "trouble"), sampled(WEB))
async def test_what_a_page_says_was_not_saved_was_not(request, deed, trouble):
    async with staged(request.getfixturevalue(f"fresh_{TROUBLES[trouble][0]}_url")) as (stage, way):
        await tried_everywhere(stage, way, WEB[deed], trouble)


async def tried_everywhere(stage: Stage | InSlack, way: Way, deed: Deed, trouble: str) -> None:
    """Do something with the trouble at its first statement, at its second and so on, until it comes to none."""
    _, how = TROUBLES[trouble]
    for number in range(1, ENDLESS):
        do = await deed(stage)
        before = await stored(stage.database)
        (way.fail_nth if isinstance(way, FaultyDisk) else way.cut_nth)(number, **how)
        answered = await do()
        await stage.joined.tasks.drain(60)
        is_met = way.leave() is None
        after = await stored(stage.database)

        changed = {table for table in after if after[table] != before[table]}
        assert not (answered.was_not and changed), (number, answered, changed)
        assert not (answered.was_saved and not changed), (number, answered)
        assert answered.code != "failed", (number, answered)
        if not is_met:
            # Of one address the gate takes so many forms for applications.
            assert changed or answered.status == 429, answered
            return
    pytest.fail("it never came to an end")


async def test_every_write_over_http_is_tried(fresh_sqlite_url):
    async with staged(fresh_sqlite_url) as (stage, _):
        described = json.loads((await stage.call(None, "GET", "/openapi.json")).text)
    writes = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, at in described["paths"].items()
        for method in at
        if method != "get"
    }

    assert writes == HTTP.keys()
