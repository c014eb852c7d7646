"""Who presses in Slack, and what comes of it: each kind of presser on each surface, signed, through the real route."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import delete, insert, select

from bot.acts.press import Wish
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ConfirmModal
from bot.sandbox.config import WorkspaceMember
from bot.sandbox.slack_api.faults import Fault
from core.api import Action, CardId, Seen
from core.storage import tables
from notifications.render.buttons import Pointer, action_id
from notifications.slack.port import MessagePlace
from notifications.slack.workspaces import UNINSTALLED
from tests.contract import slack_payloads
from tests.contract.office import wish
from tests.contract.slack_stand import Slacks, slacks, standing
from tests.flow.slack import runs
from tests.support.world import seed
from tests.support.world.seed import CECILIA

TABLE = yaml.safe_load((Path(__file__).parent / "pressers.yaml").read_text("utf-8"))
KINDS = {each["kind"]: each for each in TABLE["pressers"]}
INERAS = "T0INERA001"
PLACE = MessagePlace("D0TESTS0001", "1764000000.000100")
DIRECT = "press in a direct message"


@pytest.fixture(scope="module")
def there() -> Iterator[Slacks]:
    members: dict[str, dict[str, WorkspaceMember]] = {team: {} for team in TABLE["slacks"]}
    for kind in TABLE["pressers"]:
        account = kind["account"]
        # Whoever is of a workspace of an Enterprise organisation is known to its app by that.
        home = account["home"] if account["home"] in members else account["app"]
        named = {"name": "cecilia", "real_name": "Cecilia Dahl", "email": "cecilia@example.org"}
        member = WorkspaceMember(id=account["user"], **named | account.get("is", {}))
        if not any(account["user"] in known for known in members.values()):
            members[home][account["user"]] = member
    with slacks({team: tuple(users.values()) for team, users in members.items()}) as made:
        yield made


@pytest.fixture
async def stand(database_url, there):
    """The small world, in which nobody knows yet which account is Cecilia's."""
    there.forget()
    database = await seed.seeded(database_url)
    await database.write(seed.nobody_is_away)
    mine = tables.identities.c.person_id == CECILIA
    await database.write(lambda connection: connection.execute(delete(tables.identities).where(mine)))
    await database.close()
    async with standing(database_url, there) as made:
        yield made


async def prepare(stand, row):
    """Let the app be where it is, and the account and its link be what they are."""
    account = row["account"]
    for team, about in TABLE["slacks"].items():
        # An organisation has the app in one workspace, or in all of them.
        if about["installed"] and (team == INERAS or team.startswith("E") == is_org_wide(account)):
            await stand.install(team, about.get("organisation"))
    if account["link"] != "none":
        issuer = account.get("linked_in") or (account["app"] if is_org_wide(account) else account["home"])
        link = {"issuer": f"slack:{issuer}", "subject": account["user"], "person_id": CECILIA, "at": seed.LONG_AGO}
        link |= {"state": account["link"], "organisation_id": account.get("told_by")}
        await write(stand, insert(tables.identities).values(link))
    if row.get("more_roles"):
        await write(
            stand, insert(tables.role_assignments).values(seed.role_assignment(CECILIA, row["more_roles"], "orderer"))
        )
    if row.get("changes"):
        by = stand.slacks.at(account["app"], account["home"], account["user"], in_channel=False)
        said = {"email": "cecilia@example.org"} | row["changes"]
        assert (await stand.event(slack_payloads.user_change(by, **said))).status_code == 200
    if row.get("is_off"):
        stand.slacks.box.world.revoked.add(account["app"])
        await stand.joined.workspaces.note_problem(f"slack:{account['app']}", UNINSTALLED)


async def write(stand, statement):
    await stand.database.write(lambda connection: connection.execute(statement))


def is_org_wide(account):
    return account["app"].startswith("E")


async def asked(stand):
    """An order that waits for Cecilia's attest, as its buttons carry it."""
    case = await stand.joined.orders.place(wish())
    return Pointer("test", CardId(""), case.id, Seen(case.step, case.content_version))


# --- the surfaces: each is used by an account, and gives what Slack was answered


async def press(stand, by, pointer):
    return await stand.interact(slack_payloads.press(by, action_id(Action.ATTEST), pointer.value()))


async def submit(stand, by, pointer):
    view = {"callback_id": ConfirmModal.CALLBACK, "private_metadata": Wish(pointer, Action.ATTEST, PLACE).metadata()}
    return await stand.interact(slack_payloads.submission(by, view, {}))


async def search(stand, by, pointer):
    metadata = Wish(pointer, Action.HAND_OVER, PLACE).metadata()
    view = {"callback_id": ColleagueModal.CALLBACK, "private_metadata": metadata}
    return await stand.interact(slack_payloads.search(by, view, ColleagueModal.COLLEAGUES, "bo"))


async def type_command(stand, by, pointer):
    return await stand.command(slack_payloads.command(by, "/kundportal", ""))


async def use_shortcut(stand, by, pointer):
    return await stand.interact(slack_payloads.shortcut(by, "kp_new_order"))


async def open_home(stand, by, pointer):
    return await stand.event(slack_payloads.home_opened(by))


SURFACES = {
    DIRECT: press,
    "press in a channel": press,
    "menu": search,
    "command": type_command,
    "shortcut": use_shortcut,
    "home tab": open_home,
    "submission": submit,
}
# These Slack sends to the app in the presser's own Slack.
AT_HOME = {"command", "shortcut"}


async def use(stand, surface, account, pointer):
    """Let an account use a surface; what is heard of it: a status, what is offered, or all that is said and shown."""
    app = account["home"] if surface in AT_HOME and not is_org_wide(account) else account["app"]
    by = stand.slacks.at(app, account["home"], account["user"], in_channel=surface != DIRECT)
    by = replace(by, app_id=account.get("app_id", by.app_id))
    stand.slacks.clear(account["user"])
    answer = await SURFACES[surface](stand, by, pointer)
    if answer.status_code != 200:
        return answer.status_code
    said = answer.json() if answer.content else {}
    if "options" in said:
        return [each["text"]["text"] for each in said["options"]]
    return "".join([runs(said), *stand.slacks.seen_by(account["user"])])


def is_as_expected(found, expected):
    """Say whether what was heard is what the table says: `nothing`, or words that it holds."""
    if isinstance(expected, str) and isinstance(found, str):
        return found == "" if expected == "nothing" else expected in found
    return found == expected


async def kept(stand):
    """What a press could change: cases, links, and history, but for who was refused what."""
    history = tables.history.c
    wanted = {
        "cases": select(tables.cases.c.id, tables.cases.c.revision, tables.cases.c.state),
        "links": select(tables.identities.c.issuer, tables.identities.c.subject, tables.identities.c.state),
        "history": select(history.kind, history.action, history.case_id).where(history.kind != "refusal"),
    }
    return {name: Counter(await read(stand, query)) for name, query in wanted.items()}


async def read(stand, query):
    return await stand.database.read(lambda connection: [tuple(row) for row in connection.execute(query)])


def changes(row, pointer):
    """What the table says that all of it comes to, in history."""
    if row["answers"] == "cecilia":
        return Counter([("change", "attest", pointer.case)])
    return Counter([("identity", "offered", None)] if row.get("is_asked") else [])


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_presser_is_answered_on_each_surface_as_the_table_says(stand, kind):
    row = KINDS[kind]
    await prepare(stand, row)
    pointer, expected = await asked(stand), TABLE["answers"][row["answers"]] | row.get("but", {})
    before = await kept(stand)
    happening = {surface: expected[surface] for surface in SURFACES if expected[surface] != "never"}

    found = {surface: await use(stand, surface, row["account"], pointer) for surface in happening}
    # Whatever is sent twice counts once.
    await use(stand, "submission", row["account"], pointer)

    assert {each: found[each] for each, said in happening.items() if not is_as_expected(found[each], said)} == {}
    after = await kept(stand)
    assert after["history"] - before["history"] == changes(row, pointer)
    assert (after["cases"] == before["cases"]) == (row["answers"] != "cecilia")
    assert (after["links"] == before["links"]) == (not row.get("is_asked"))


@pytest.mark.parametrize("fault", ["ratelimited", "server_error", "timeout_before"])
@pytest.mark.parametrize("surface", ["command", "home tab"])
async def test_where_slack_does_not_say_whose_an_account_is_nobody_is_refused_for_good(stand, surface, fault):
    row = KINDS["a guest"]
    await prepare(stand, row)
    pointer = await asked(stand)
    stand.slacks.box.faults.plan([Fault(kind=fault, method="users.info")])
    before = await kept(stand)

    found = await use(stand, surface, row["account"], pointer)

    assert "Slack svarar inte just nu, så vi kan inte se vem du är. Försök igen om en stund." in found
    assert await kept(stand) == before
