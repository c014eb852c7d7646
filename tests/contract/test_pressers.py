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
from core.api import Action, Asking, CardId, Identity, LetGuestIn, Seen, UnlinkAccounts
from core.storage import tables
from notifications.render.button_values import Pointer, action_id
from notifications.slack.port import MessagePlace
from notifications.slack.workspaces import UNINSTALLED
from tests.contract import slack_payloads
from tests.contract.office import wish
from tests.contract.slack_stand import Slacks, slacks, standing
from tests.flow.slack import runs
from tests.support.world import seed
from tests.support.world.seed import ADA, AGENT, BO, CECILIA, ERIK, KARIN, REGION

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
        link |= {"is_let_in": account.get("is_let_in", False)}
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
    return Counter([("identity", row["is_asked"], None)] if row.get("is_asked") else [])


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


# --- which Slack gets the messages


@pytest.mark.parametrize("link", ["confirmed", "offered", "barred"])
async def test_only_whoever_is_linked_chooses_the_slack_that_gets_the_persons_messages(stand, link):
    account = {"app": "T0REGION01", "home": "T0REGION01", "user": "U0OWN00001", "link": link, "told_by": REGION}
    await prepare(stand, {"account": account})
    at_inera = {"issuer": f"slack:{INERAS}", "subject": "U0INERA001", "person_id": CECILIA, "at": seed.LONG_AGO}
    await write(stand, insert(tables.identities).values(at_inera | {"state": "confirmed"}))
    by = stand.slacks.at(account["app"], account["home"], account["user"], in_channel=False)
    chosen = slack_payloads.press(by, "kp.send_here", Pointer("test").option(f"slack:{INERAS}"))

    assert (await stand.interact(chosen)).status_code == 200

    preferred = select(tables.identities.c.issuer).where(tables.identities.c.is_preferred)
    assert await read(stand, preferred) == ([(f"slack:{INERAS}",)] if link == "confirmed" else [])


# --- a guest


async def says(stand, account, answer):
    """The holder of an account says whether it is hers, on the home tab; what is heard of it then."""
    by = stand.slacks.at(account["app"], account["home"], account["user"], in_channel=False)
    stand.slacks.clear(account["user"])
    pressed = slack_payloads.press(by, f"kp.link_{answer}", Pointer("test").value())
    assert (await stand.interact(pressed)).status_code == 200
    return "".join(stand.slacks.seen_by(account["user"]))


async def links_of(stand):
    """Where the links of Cecilia's accounts stand, and whether an administrator has said yes to them."""
    links = tables.identities.c
    return await read(stand, select(links.state, links.is_let_in).where(links.person_id == CECILIA))


async def waiting(stand, by=ADA, organisation=REGION):
    """The guest's accounts of Cecilia that wait for an administrator's yes."""
    return (await stand.joined.administration.member(Asking(by), organisation, CECILIA)).guests


async def let_in(stand, account, by=ADA, organisation=REGION):
    """An administrator says yes to an account of Cecilia's; whether that let it in."""
    guest = Identity(f"slack:{account['home']}", account["user"])
    return await stand.joined.administration.let_guest_in(LetGuestIn(Asking(by), organisation, CECILIA, guest))


async def asked_for_yes(stand):
    """Who is asked whether a guest's account is let in, and whether the question is to be shown anew."""
    table = tables.cards.c
    rows = await read(
        stand, select(table.person_id, table.part, table.due_at, table.must_show).where(table.kind == "guest")
    )
    return sorted((person, part, due is not None, shown) for person, part, due, shown in rows)


async def says_yes(stand, person, guest):
    """Somebody, by an account in the region's Slack, presses yes on the card that asks; what is heard of it."""
    user = "U0OWN00001"
    link = {
        "issuer": "slack:T0REGION01",
        "subject": user,
        "person_id": person,
        "at": seed.LONG_AGO,
        "state": "confirmed",
    }
    if not await read(stand, select(tables.identities.c.subject).where(tables.identities.c.subject == user)):
        await write(stand, insert(tables.identities).values(link))
    by = stand.slacks.at("T0REGION01", "T0REGION01", user, in_channel=True)
    stand.slacks.clear(user)
    about = f"{REGION}:{CECILIA}:slack:{guest['home']}/{guest['user']}"
    assert (
        await stand.interact(slack_payloads.press(by, "kp.guest_yes", Pointer("test").option(about)))
    ).status_code == 200
    return "".join(stand.slacks.seen_by(user))


async def test_the_administrators_are_asked_once_whether_a_guest_that_waits_is_let_in(stand):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])

    for surface in ("home tab", "command", "home tab"):
        await use(stand, surface, account, await asked(stand))

    assert await asked_for_yes(stand) == [(ADA, "customer_administrator", True, 1)]


async def test_an_administrator_lets_a_guest_in_by_one_press_and_a_second_is_told_that_it_is_answered(stand):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])
    await use(stand, "home tab", account, await asked(stand))

    await says_yes(stand, ADA, account)
    shown, links = await asked_for_yes(stand), await links_of(stand)
    again = await says_yes(stand, ADA, account)

    assert (links, await links_of(stand)) == ([("offered", True)], [("offered", True)])
    assert shown == [(ADA, "customer_administrator", True, 2)]
    assert "Gästkontot väntar inte längre på ett svar." in again
    history = tables.history.c
    told = select(history.action, history.person_id, history.organisation_id, history.surface)
    lines = await read(stand, told.where(history.kind == "identity", history.action == "let_in"))
    assert lines == [("let_in", ADA, REGION, "slack")]


@pytest.mark.parametrize("person", [BO, ERIK])
async def test_nobody_but_an_administrator_of_the_guests_organisation_says_yes(stand, person):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])
    await use(stand, "home tab", account, await asked(stand))

    await says_yes(stand, person, account)

    assert await links_of(stand) == [("asked", False)]


async def test_who_waited_as_a_guest_and_says_no_is_asked_for_no_more(stand):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])
    await use(stand, "command", account, await asked(stand))

    await says(stand, account, "no")

    assert await asked_for_yes(stand) == [(ADA, "customer_administrator", True, 2)]
    assert "Gästkontot väntar inte längre på ett svar." in await says_yes(stand, ADA, account)
    assert await links_of(stand) == [("declined", False)]


async def test_somebody_who_is_a_guest_in_two_slacks_is_let_in_for_each(stand):
    account, other = KINDS["a guest"]["account"], {"home": INERAS, "user": "U0INERA001"}
    await prepare(stand, KINDS["a guest"] | {"account": account | {"link": "asked", "told_by": REGION}})
    link = {"issuer": f"slack:{INERAS}", "subject": other["user"], "person_id": CECILIA, "at": seed.LONG_AGO}
    await write(stand, insert(tables.identities).values(link | {"state": "asked"}))
    both = [guest.account.subject for guest in await waiting(stand)]

    assert await let_in(stand, other)
    assert (both, [guest.account.subject for guest in await waiting(stand)]) == (
        ["U0INERA001", "U0GUEST001"],
        ["U0GUEST001"],
    )
    assert not await let_in(stand, other)
    assert await let_in(stand, account)


async def test_the_list_of_people_marks_who_waits_as_a_guest(stand):
    await prepare(stand, KINDS["a guest"] | {"account": KINDS["a guest"]["account"] | {"link": "asked"}})

    people = await stand.joined.administration.people(Asking(ADA), REGION)

    assert [member.person.id for member in people if member.guests] == [CECILIA]


async def test_a_guest_decides_once_an_administrator_has_said_yes_and_the_guest_too(stand):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])
    pointer = await asked(stand)

    await says(stand, account, "yes")
    assert "Er administratör i Kundportalen får frågan" in await use(stand, "home tab", account, pointer)
    await says(stand, account, "yes")
    assert await links_of(stand) == [("asked", False)]
    assert [guest.workspace for guest in await waiting(stand)] == ["Slack T0REGION01"]

    assert await let_in(stand, account)
    assert await links_of(stand) == [("offered", True)]
    assert "Är det du?" in await use(stand, "home tab", account, pointer)
    await says(stand, account, "yes")
    await use(stand, "submission", account, pointer)

    history = tables.history.c
    told = select(history.action, history.person_id, history.organisation_id)
    assert await read(stand, told.where(history.kind == "identity").order_by(history.id)) == [
        ("asked", None, None),
        ("let_in", ADA, REGION),
        ("confirmed", CECILIA, None),
    ]
    assert Counter(await read(stand, told.where(history.case_id == pointer.case)))["attest", CECILIA, REGION] == 1


async def test_a_guest_who_waits_may_say_no_and_waits_no_longer(stand):
    row = KINDS["a guest"]
    await prepare(stand, row | {"account": row["account"] | {"link": "asked"}})

    await says(stand, row["account"], "no")

    assert await links_of(stand) == [("declined", False)]
    assert await waiting(stand) == ()


async def test_who_waited_as_a_guest_and_is_a_full_member_by_now_may_say_yes(stand):
    row = KINDS["somebody who waited as a guest, and is a full member by now"]
    await prepare(stand, row)

    await says(stand, row["account"], "yes")

    assert await links_of(stand) == [("confirmed", False)]


async def test_a_yes_goes_to_no_guest_in_a_slack_that_the_organisation_has_left(stand):
    account = KINDS["a guest"]["account"]
    former = {"link": "asked", "linked_in": "T0FORMER01", "told_by": REGION}
    await prepare(stand, KINDS["a guest"] | {"account": account | former})

    assert not await let_in(stand, account | {"home": "T0FORMER01"})
    assert await waiting(stand) == ()


async def test_a_guest_that_was_let_in_hears_the_question_in_slack(stand):
    account = KINDS["a guest"]["account"]
    await prepare(stand, KINDS["a guest"])
    await use(stand, "home tab", account, await asked(stand))
    due = select(tables.cards.c.due_at).where(tables.cards.c.kind == "link", tables.cards.c.person_id == CECILIA)
    before = await read(stand, due)

    await let_in(stand, account)

    assert (before, [at is None for (at,) in await read(stand, due)]) == ([(None,)], [False])


async def test_what_unlinks_a_guest_takes_the_administrators_yes_away(stand):
    row = KINDS["a guest to whom an administrator has said yes, and who has said that it is her"]
    await prepare(stand, row)

    await stand.joined.administration.unlink(UnlinkAccounts(Asking(ADA), REGION, CECILIA))

    assert await links_of(stand) == [("barred", False)]
    found = await use(stand, "home tab", row["account"], await asked(stand))
    assert "Ditt Slack-konto är inte längre kopplat" in found
    assert await links_of(stand) == [("barred", False)]


@pytest.mark.parametrize(("told_by", "is_let_in"), [(None, True), (REGION, True), (AGENT, False)])
async def test_an_administrator_says_yes_to_guests_of_the_own_slack_and_of_ineras_alone(stand, told_by, is_let_in):
    row = KINDS["a guest"]
    await prepare(stand, row | {"account": row["account"] | {"link": "asked", "told_by": told_by}})

    assert bool(await waiting(stand)) == is_let_in
    assert await let_in(stand, row["account"]) == is_let_in
    assert await links_of(stand) == [("offered", True) if is_let_in else ("asked", False)]


@pytest.mark.parametrize(("organisation", "is_theirs"), [(AGENT, False), (REGION, True)])
async def test_a_guest_waits_for_those_of_the_slack_whoever_gives_her_a_role_too(stand, organisation, is_theirs):
    await prepare(stand, KINDS["a guest"] | {"more_roles": AGENT})
    await use(stand, "home tab", KINDS["a guest"]["account"], await asked(stand))

    assert bool(await waiting(stand, KARIN, organisation)) == is_theirs
    assert await let_in(stand, KINDS["a guest"]["account"], KARIN, organisation) == is_theirs
    assert await links_of(stand) == [("offered", True) if is_theirs else ("asked", False)]


async def test_nobody_lets_in_a_guest_of_whom_none_waits(stand):
    await prepare(stand, KINDS["a guest"])

    assert await waiting(stand) == ()
    assert not await let_in(stand, KINDS["a guest"]["account"])
    assert await links_of(stand) == []


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
