"""A personal link is for one case, one purpose and one time; only whoever has the mail can spell it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.api import Action, ActOnCase, Answers, Asking, LinkId, PersonalLink, Purpose, Seen, Surface, expiry
from core.shared.errors import LinkExpired, LinkUnknown, LinkUsed, NoRole, OrderMovedOn
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks, end_links
from tests.contract.office import open_office
from tests.support.world.seed import ANNA, BO, CECILIA, NOW

DAY = timedelta(days=1)


@pytest.fixture
async def office(database_url: str):
    made = await open_office(database_url)
    yield made
    await made.database.close()


@pytest.fixture
async def case(office):
    return await office.place()


@pytest.fixture
def links(office):
    return SqlPersonalLinks(office.database, "a secret of this test")


def link_to(case, **changes) -> PersonalLink:
    """Bo may attest."""
    link = PersonalLink(
        id=LinkId("L1"), purpose=Purpose.DECIDE, case=case.id, email="bo@example.org", created_at=NOW,
        expires_at=expiry(Purpose.DECIDE, NOW), person=BO, step=case.step, content_version=case.content_version,
    )  # fmt: skip
    return replace(link, **changes)


def attest_by(link: PersonalLink, **changes) -> ActOnCase:
    seen = Seen(link.step, link.content_version)
    wish = ActOnCase(link.case, Action.ATTEST, Asking(BO), Surface.MAIL, seen, Answers(confirmed=True), link=link.id)
    return replace(wish, **changes)


async def used_at(office):
    return await office.database.read(lambda connection: connection.scalar(select(tables.personal_links.c.used_at)))


async def test_the_token_of_a_link_is_always_the_same_and_stands_nowhere(office, case, links) -> None:
    link = link_to(case)
    first, again = await links.make(link), await links.make(link)

    rows = await office.database.read(lambda connection: connection.execute(select(tables.personal_links)).all())
    assert first == again
    assert len(first) == 43
    assert first not in str(rows)
    assert await links.open(first, Purpose.DECIDE, NOW) == link


async def test_a_mail_that_is_tried_again_after_a_change_of_the_secret_has_a_link_that_opens(
    office, case, links
) -> None:
    link = link_to(case)
    await links.make(link)

    changed = SqlPersonalLinks(office.database, "the next secret")

    assert await changed.open(await changed.make(link), Purpose.DECIDE, NOW) == link


async def test_another_secret_gives_another_token(office, case, links) -> None:
    others = SqlPersonalLinks(office.database, "another secret")

    assert await links.make(link_to(case)) != await others.make(link_to(case, id=LinkId("L1")))


async def test_a_link_that_was_mailed_before_opens_under_another_secret(office, case, links) -> None:
    token = await links.make(link_to(case))

    assert await SqlPersonalLinks(office.database, "another secret").open(token, Purpose.DECIDE, NOW) == link_to(case)


async def test_looking_uses_nothing_up(office, case, links) -> None:
    token = await links.make(link_to(case))
    for _ in range(3):
        await links.open(token, Purpose.DECIDE, NOW)

    assert await used_at(office) is None


@pytest.mark.parametrize("purpose", [Purpose.SIGN, Purpose.FOLLOW])
async def test_a_link_opens_nothing_else(case, links, purpose) -> None:
    token = await links.make(link_to(case))

    with pytest.raises(LinkUnknown):
        await links.open(token, purpose, NOW)


async def test_what_nobody_made_opens_nothing(case, links) -> None:
    token = await links.make(link_to(case))

    for wrong in ("", token[:-1], token + "A", token.swapcase()):
        with pytest.raises(LinkUnknown):
            await links.open(wrong, Purpose.DECIDE, NOW)


async def test_a_link_has_its_time(case, links) -> None:
    link = link_to(case, expires_at=NOW + DAY)
    token = await links.make(link)

    await links.open(token, Purpose.DECIDE, NOW + DAY - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        await links.open(token, Purpose.DECIDE, NOW + DAY)


async def test_a_decision_uses_its_link_up(office, case, links) -> None:
    link = link_to(case)
    token = await links.make(link)

    event = await office.orders.act(attest_by(link))

    assert (event.decision.surface, event.decision.assurance) == ("mail", "mail_link")
    assert await used_at(office) == office.clock()
    with pytest.raises(LinkUsed):
        await office.orders.act(attest_by(link))
    with pytest.raises(LinkUsed):
        await links.open(token, Purpose.DECIDE, NOW)


async def test_a_refusal_leaves_the_link_good(office, case, links) -> None:
    link = link_to(case)
    await links.make(link)

    with pytest.raises(OrderMovedOn):
        await office.orders.act(attest_by(link, seen=Seen(case.step + 1, 1)))

    assert await used_at(office) is None
    assert (await office.orders.act(attest_by(link))).decision.person == BO


async def test_a_link_that_has_expired_decides_nothing(office, case, links) -> None:
    link = link_to(case, expires_at=NOW)
    await links.make(link)

    with pytest.raises(LinkExpired):
        await office.orders.act(attest_by(link))


@pytest.mark.parametrize("changes", [{"person": CECILIA}, {"purpose": Purpose.SIGN}])
async def test_a_link_decides_for_nobody_and_nothing_else(office, case, links, changes) -> None:
    link = link_to(case, **changes)
    await links.make(link)

    with pytest.raises(LinkUnknown):
        await office.orders.act(attest_by(link))


async def test_a_link_gives_no_right(office, case, links) -> None:
    link = link_to(case, person=ANNA)
    await links.make(link)

    with pytest.raises(NoRole):
        await office.orders.act(attest_by(link, by=Asking(ANNA)))


async def test_of_ones_links_to_read_those_that_are_over_go_when_another_is_made_and_nothing_else(case, links) -> None:
    over, good = NOW - DAY, NOW + DAY
    made = {
        name: await links.make(link_to(case, id=LinkId(name), **changes))
        for name, changes in {
            "read": {"purpose": Purpose.READ, "expires_at": over},
            "still read": {"purpose": Purpose.READ, "expires_at": good},
            "too late to decide": {"expires_at": over},
            "read by Cecilia": {"purpose": Purpose.READ, "expires_at": over, "person": CECILIA},
        }.items()
    }
    await links.make(link_to(case, id=LinkId("new"), purpose=Purpose.READ))

    assert (await links.open(made["still read"], Purpose.READ, NOW)).id == "still read"
    with pytest.raises(LinkUnknown):
        await links.open(made["read"], Purpose.READ, NOW)
    with pytest.raises(LinkExpired):
        await links.open(made["too late to decide"], Purpose.DECIDE, NOW)
    with pytest.raises(LinkExpired):
        await links.open(made["read by Cecilia"], Purpose.READ, NOW)


async def test_of_two_who_press_the_same_link_at_once_one_decides(office, case, links) -> None:
    link = link_to(case)
    await links.make(link)
    another = await office.another()

    answers = await asyncio.gather(
        *(each.orders.act(attest_by(link)) for each in (office, another) * 3), return_exceptions=True
    )

    assert sum(not isinstance(each, Exception) for each in answers) == 1
    assert {type(each) for each in answers if isinstance(each, Exception)} == {LinkUsed}
    await another.database.close()


async def test_links_of_a_case_can_be_ended(office, case, links) -> None:
    token = await links.make(link_to(case))

    await office.database.write(lambda connection: end_links(connection, case.id, Purpose.DECIDE, NOW))

    with pytest.raises(LinkExpired):
        await links.open(token, Purpose.DECIDE, NOW)


async def test_links_of_a_case_for_something_else_stay_good(office, case, links) -> None:
    follow = await links.make(link_to(case, id=LinkId("L2"), purpose=Purpose.FOLLOW))

    await office.database.write(lambda connection: end_links(connection, case.id, Purpose.DECIDE, NOW))

    assert (await links.open(follow, Purpose.FOLLOW, NOW)).id == "L2"
