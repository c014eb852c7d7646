"""Applications with one number stand on one card in customer service's channel, and each of them is decided."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Applications,
    Asking,
    CaseQuery,
    Contact,
    Flow,
    Identity,
    Language,
    Seen,
    State,
    Surface,
    new_id,
)
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from core.storage.reads.queries import SqlQueries
from notifications.database import put
from notifications.documents import Agreements, Library
from notifications.mail import mail_switch
from notifications.rules.announcements import CardKind
from notifications.slack import pacing
from tests.contract.office import CHANNEL, TOKEN, open_office
from tests.contract.test_application_mails import numbers, told_for
from tests.contract.test_mail import mailing
from tests.fakes.slack import UPDATE
from tests.http.conftest import make_app
from tests.http.test_applications import BODY
from tests.support.drawn.drawings import nodes
from tests.support.drawn.reading import as_read
from tests.support.world.applicants import Hall, form, wish
from tests.support.world.seed import KARIN, TEAM, slack_user
from tests.web.conftest import a_browser, site
from tests.web.filling import TYPED, sent

SERVICE = Identity(TEAM, slack_user(KARIN))
MINE = Contact("Olle Okänd", "olle@elsewhere.example")


@pytest.fixture
async def office(database_url, post):
    made = mailing(await open_office(database_url), post)
    await made.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, made.clock()))
    yield made
    await made.database.close()


@pytest.fixture
def hall(office) -> Hall:
    links = SqlPersonalLinks(office.database, "secret")
    applications = Applications(office.orders.engine, links)
    return Hall(office.database, office.clock, office.orders, applications, links, SqlQueries(office.database))


async def apply(office, hall, key, **changes):
    """An application comes in, and what the channel is to show of it it shows a minute later."""
    made = await hall.applications.apply(wish(key=key, **changes))
    await office.relay.drain()
    office.clock.forward(seconds=60)
    await office.relay.drain()
    return made


async def press(office, case, action, **answers):
    """Karin presses a button that shows the case as it stands, wherever that button is."""
    now = await office.orders.look(CaseQuery(case.id, None, office.clock()))
    command = ActOnCase(
        case.id, action, SERVICE, Surface.SLACK, Seen(now.case.step, now.case.content_version), Answers(**answers)
    )
    office.clock.forward(seconds=1)
    done = (await office.orders.act(command)).after
    await office.relay.drain()
    return done


async def reject(office, case):
    """It is taken, and refused."""
    await press(office, case, Action.CLAIM)
    return await press(office, case, Action.REJECT, reason="Okänd sökande")


def channel(office):
    """What the channel shows, message by message."""
    return [as_read({"blocks": each.blocks}).replace("**", "") for each in office.slack.in_channel(CHANNEL)]


def opens(office, message=-1):
    """Which applications the buttons of a message open."""
    shown = office.slack.in_channel(CHANNEL)[message].blocks
    return [each["value"].split("|")[2] for each in nodes(shown) if str(each.get("action_id")) == "kp.details"]


async def waiting(hall, person=KARIN):
    """What waits for somebody, in the list on the home tab."""
    return [each.case for each in await hall.queries.waiting_for(Asking(person), hall.clock(), 50)]


# --- what comes in


async def test_the_first_application_has_a_card_and_those_after_it_stand_on_that_one(office, hall) -> None:
    first, second = await apply(office, hall, "1"), await apply(office, hall, "2", administrator=MINE)
    third = await apply(office, hall, "3", flow=Flow.AGENT_APPLICATION, organisation="Bygdens kommun")

    (card,) = channel(office)
    assert f"{first.id} · Kundservice" in card
    assert "Organisationen har 2 öppna ansökningar till. Jämför dem innan du beslutar." in card
    assert f"{second.id} · kundansökan från Bygdens region\n" in card
    assert "Administratör: Olle Okänd, olle@elsewhere.example" in card
    assert f"{third.id} · agentansökan från Bygdens kommun\n" in card
    assert opens(office) == [first.id, second.id, third.id]


async def test_however_many_come_in_there_is_one_card_which_says_how_many_and_each_waits_in_the_list(office, hall):
    made = [await apply(office, hall, str(number)) for number in range(7)]

    (card,) = channel(office)
    assert "Organisationen har 6 öppna ansökningar till." in card
    assert "Och 1 till. Alla som väntar på beslut står i Kundportalen." in card
    assert await waiting(hall) == [each.id for each in made]
    assert len(await office.cards(kind=CardKind.APPLICATION)) == 7


async def test_other_numbers_have_cards_of_their_own(office, hall) -> None:
    await apply(office, hall, "1")
    await apply(office, hall, "2", org_number=numbers(1)[0])

    assert len(channel(office)) == 2
    assert not [card for card in channel(office) if "öppen ansökan till" in card]


async def test_whoever_sends_in_one_after_another_has_the_card_edited_now_and_then(office, hall) -> None:
    await apply(office, hall, "first")
    office.slack.calls.clear()
    for number in range(6):
        await hall.applications.apply(wish(key=str(number)))
        await office.relay.drain()
        office.clock.forward(seconds=10)
    await told_for(office, seconds=60)

    assert len(office.slack.sent(UPDATE)) == 2
    assert "har 6 öppna ansökningar till" in channel(office)[0]


async def test_what_comes_in_while_the_card_is_on_its_way_is_shown_next(office, hall) -> None:
    first = await hall.applications.apply(wish(key="1"))
    await office.leases.owing(office.clock())
    (card,) = await office.leases.claim(TEAM)
    office.clock.forward(seconds=1)
    await hall.applications.apply(wish(key="2"))
    drawn_before = await office.slack.post(TOKEN, channel=CHANNEL, text="", blocks=[])
    await office.results.record(card, drawn_before, shown=card.must_show)
    office.clock.forward(seconds=60)
    await office.relay.drain()

    (shown,) = channel(office)
    assert first.id in shown
    assert "Organisationen har 1 öppen ansökan till." in shown


async def test_the_form_and_http_share_the_card_and_the_pace_of_an_address(office, post) -> None:
    app, _, keys = make_app(office.database, office.clock, [], [], lambda noting: noting.close())
    links = SqlPersonalLinks(office.database, "secret")
    pages = FastAPI(openapi_url=None)
    site(office.database, office.orders, links, Agreements(Library(), None), office.clock, []).answer_in(pages)
    token = await keys.create(new_id, office.clock(), "test", None)
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)

    async with a_browser(pages) as browser, httpx.AsyncClient(transport=transport, headers=headers) as client:
        for number in range(3):
            named = {"administrator.email": MINE.email, "administrator.name": MINE.name}
            assert (await sent(browser, **TYPED | named)).status_code == 303
            body = BODY | {"administrator": {"name": MINE.name, "email": MINE.email}}
            once = {"Idempotency-Key": str(number)}
            answer = await client.post("http://kundportal.test/api/v1/applications", json=body, headers=once)
            assert answer.status_code == 201
            office.clock.forward(seconds=30)
    await told_for(office, seconds=60)

    (card,) = channel(office)
    assert "Organisationen har 5 öppna ansökningar till." in card
    assert len(post.to(MINE.email)) == 3


# --- what is decided


async def test_when_the_first_is_decided_the_next_has_the_card_at_once_however_many_came(office, hall) -> None:
    made = [await apply(office, hall, key) for key in "123"]
    about_number = pacing.bucket_applied(TEAM, pacing.APPLIED_FOR, made[0].application.org_number)
    spent = {"bucket": about_number, "full_at": office.clock() + timedelta(days=1)}
    await office.database.write(lambda connection: put(connection, tables.paces, [spent]))

    for number, case in enumerate(made, start=1):
        assert len(channel(office)) == number
        assert f"{case.id} · Kundservice" in channel(office)[-1]
        await reject(office, case)

    assert len(channel(office)) == 3
    assert all(card.startswith("# Avslagen: Bygdens region") for card in channel(office))
    assert await waiting(hall) == []


async def test_one_behind_the_first_is_decided_as_ever_and_the_card_says_what_became_of_it(office, hall) -> None:
    first, second, third = [await apply(office, hall, key) for key in "123"]

    await reject(office, second)
    (card,) = channel(office)
    assert second.id not in card
    assert "har 1 öppen ansökan till" in card

    await press(office, third, Action.CLAIM)
    await press(office, third, Action.REQUEST_COMPLETION, message="Vem är firmatecknare?")
    card, asked = channel(office)
    assert f"{first.id} · Kundservice" in card
    assert "Väntar på komplettering" in card
    assert asked.startswith("# Väntar på komplettering: Bygdens region")


async def test_one_behind_the_first_that_is_approved_has_a_card_from_then_on(office, hall) -> None:
    first, second = [await apply(office, hall, key) for key in "12"]

    await press(office, second, Action.CLAIM)
    await press(office, second, Action.APPROVE, confirmed=True)

    card, approved = channel(office)
    assert f"{first.id} · Kundservice" in card
    assert "Bygdens region har redan kundavtalet" in card
    assert approved.startswith("# Väntar på signering: Bygdens region")
    assert second.id in approved


async def test_what_is_withdrawn_leaves_the_card_to_the_next(office, hall) -> None:
    first, second = [await apply(office, hall, key) for key in "12"]

    await hall.applications.withdraw(await hall.link(first))
    await office.relay.drain()

    over, card = channel(office)
    assert over.startswith("# Tillbakatagen: Bygdens region")
    assert f"{second.id} · Kundservice" in card
    assert "ansökan till." not in card


async def test_what_is_sent_in_and_withdrawn_again_and_again_is_told_of_a_few_times(office, hall) -> None:
    for number in range(8):
        case = await apply(office, hall, str(number))
        await hall.applications.withdraw(await hall.link(case))
        await office.relay.drain()
    await told_for(office, hours=2)

    # The number's six at once; what was over before its turn came is told of no more.
    assert len(channel(office)) == 6
    assert await waiting(hall) == []


async def test_what_is_answered_stands_behind_what_came_meanwhile_and_its_earlier_card_says_so(office, hall) -> None:
    first, second = [await apply(office, hall, key) for key in "12"]
    await press(office, first, Action.CLAIM)
    await press(office, first, Action.REQUEST_COMPLETION, message="Vem är firmatecknare?")
    office.clock.forward(seconds=60)

    await hall.applications.complete(await hall.link(first), form(), "Jag")
    await told_for(office, seconds=60)

    earlier, card = channel(office)
    assert (
        f"Ansökan {first.id} har samma organisationsnummer som {second.id}, och visas i meddelandet om den." in earlier
    )
    assert opens(office, 0) == [first.id]
    assert f"{second.id} · Kundservice" in card
    assert f"{first.id} · kundansökan från Bygdens region\n" in card


async def test_what_is_answered_with_another_number_leaves_one_card_for_another(office, hall) -> None:
    first, second, third = [await apply(office, hall, key) for key in "123"]
    other = await apply(office, hall, "other", org_number=numbers(1)[0])
    await press(office, second, Action.CLAIM)
    await press(office, second, Action.REQUEST_COMPLETION, message="Vilket nummer?")
    office.clock.forward(seconds=60)

    await hall.applications.complete(await hall.link(second), form(org_number=numbers(1)[0]), "Det här")
    await told_for(office, seconds=60)

    cards = {each.id: card for each in (first, other) for card in channel(office) if f"{each.id} · Kundservice" in card}
    assert third.id in cards[first.id]
    assert second.id not in cards[first.id]
    assert second.id in cards[other.id]


async def test_two_cards_that_stand_for_one_number_become_one_at_the_next_change(office, hall) -> None:
    first, second = [
        await apply(office, hall, key, org_number=number) for key, number in zip("12", numbers(2), strict=True)
    ]
    same = {"applicant_number": first.application.org_number}
    content = select(tables.cases.c.content).where(tables.cases.c.id == first.id).scalar_subquery()
    await office.change(tables.cases, tables.cases.c.id == second.id, content=content, **same)
    assert len(channel(office)) == 2

    third = await apply(office, hall, "3", org_number=numbers(1)[0])

    card, former = channel(office)
    assert f"Ansökan {second.id} har samma organisationsnummer som {first.id}" in former
    assert "har 2 öppna ansökningar till" in card
    assert third.id in card
    assert (await reject(office, second)).state is State.APPLICATION_REJECTED
