"""One person on the web, the next in Slack, in one order: at every step both say the same, and offer the same."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from bot.demo.run import Demo
from bot.web.signing_in.visitors import SESSION
from core.api import CaseId, Language
from core.storage import tables
from core.storage.database.database import open_database
from notifications.render import button_values
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DISA, HANNA, IVAR, attest, order_via
from tests.flow.slack import Slack, case_in, says, text, texts
from tests.flow.workplace import T, Workplace
from tests.support.world.signed_in import sign_in
from tests.web.desk import Desk

# Whose page it is: the address that the person signs in by.
MAILS = {
    ANNA: "anna.berg@region.example",
    BO: "bo.ek@region.example",
    DISA: "disa.fors@inera.example",
    HANNA: "hanna.vik@nordjournal.example",
    IVAR: "ivar.lund@nordjournal.example",
}


class Web:
    """Everybody's browser, beside the Slack of the same product."""

    def __init__(self, place: Demo) -> None:
        self.place = place
        self.browsers: dict[str, Workplace] = {}

    def at(self, user: str, work: Callable[[Desk], Awaitable[T]]) -> T:
        """What comes of somebody's work on pages."""
        if user not in self.browsers:
            self.browsers[user] = Workplace(self.place.site, Language.SV, asyncio.run(self._signed_in(user)))
        return self.browsers[user].at(work)

    async def _signed_in(self, user: str) -> dict[str, str]:
        """The cookie of a session that begins without a mail, since none is sent here."""
        database = open_database(self.place.database_url)
        query = select(tables.persons.c.id).where(tables.persons.c.email == MAILS[user])
        try:
            person = await database.read(lambda connection: connection.execute(query).scalar_one())
            async with httpx.AsyncClient(base_url="https://kundportal.test") as jar:
                await sign_in(database, jar, person, datetime.now(UTC))
                return {SESSION.name: jar.cookies[SESSION.name]}
        finally:
            await database.close()

    def does(self, user: str, case: str, action: str, *, at_once: bool = False, **typed: str) -> None:
        """Somebody opens a case and does something to it, in a form where one opens."""

        async def work(desk: Desk) -> None:
            await desk.open(f"/arbete/arende/{case}")
            if at_once:
                await desk.press(action)
            else:
                await desk.follow(action)
                await desk.send(**typed)
            assert desk.posted == 303, desk.text

        self.at(user, work)


@pytest.fixture
def web(place: Demo, slack: Slack) -> Web:
    return Web(place)


def offers(html: str) -> set[str]:
    """The actions of the flows table that a page offers."""
    links = re.findall(r'href="([^"]+)"', html.replace("&amp;", "&"))
    acts = [parse_qs(urlsplit(link).query).get("_act", [""])[0] for link in links]
    acts += re.findall(r'name="_act" value="([^"]+)"', html)
    return {each for each in acts if button_values.action_of(each) is not None}


def plain(said: str) -> str:
    """What is said, whatever stands out in it and however it is spaced."""
    return re.sub(r"[\s*_•✓→…]+", "", re.sub(r"<[^|>]*\|([^>]*)>", r"\1", said)).replace("&amp;", "&")


def agree(slack: Slack, web: Web, case: CaseId, *users: str) -> None:
    """Slack's view of the whole order says and offers each of them what the page does."""
    for user in users:
        person = slack.person(user)
        person.close_all()
        person.command(case)
        view = person.modal(case)
        person.close_all()

        async def read(desk: Desk) -> tuple[str, str]:
            await desk.open(f"/arbete/arende/{case}")
            return desk.html, plain(desk.page.text)

        html, page = web.at(user, read)
        acts = {each for each in person.acts(view) if button_values.action_of(each) is not None}
        assert offers(html) == acts, user
        told = [each for block in view["blocks"] if block["type"] != "actions" for each in texts(block)]
        assert [each for each in told if plain(each) not in page] == [], (user, page)


def test_a_direct_order_that_is_ordered_and_taken_on_the_web_and_decided_in_slack(slack: Slack, web: Web, book: Book):
    anna, bo, disa = map(slack.person, (ANNA, BO, DISA))

    async def order(desk: Desk) -> str:
        await (await desk.open()).follow("Ny beställning")
        await desk.update(**{desk.name_of("offer"): "npo-producent"})
        await desk.send(
            units="Vårdcentralen Norr",
            invoice_ref="ZZ1234",
            terms_accepted="1",
            **{"technical_contact.name": "Tekla Teknik", "technical_contact.email": "tekla@region.example"},
        )
        assert desk.posted == 303, desk.text
        return desk.text

    sent = re.search(r"B-\w{7}", web.at(ANNA, order))
    assert sent is not None
    case = CaseId(sent[0])
    asked = bo.message("Attestera", case)
    assert case_in(asked) == case
    agree(slack, web, case, ANNA, BO, DISA)

    attest(slack, BO, case)
    anna.message("Attesterad", case)
    agree(slack, web, case, ANNA, BO, DISA)

    disa.message("Ta ärendet", case)
    web.does(DISA, case, "Ta ärendet", at_once=True)
    disa.message("Skicka instruktion", "Disa Fors", case)
    agree(slack, web, case, ANNA, BO, DISA)

    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    assert disa.submit(disa.modal(), message=text("Så här gör ni."))["response_action"] == "clear"
    anna.message("Så får ni tillgång", "Så här gör ni.", case)
    agree(slack, web, case, ANNA, BO, DISA)

    web.does(ANNA, case, "Bekräfta anslutning", at_once=True)
    disa.message("Klart:", "Anslutningen bekräftad av Anna", case)
    agree(slack, web, case, ANNA, BO, DISA)
    assert book.state(case) == "connected"


def test_an_order_through_an_agent_whose_side_is_half_on_the_web(slack: Slack, web: Web, book: Book):
    anna, bo, hanna, disa = map(slack.person, (ANNA, BO, HANNA, DISA))
    case = order_via(slack)
    hanna.message("Godkänn", case)
    everybody = (ANNA, BO, DISA, HANNA, IVAR)
    agree(slack, web, case, *everybody)

    web.does(HANNA, case, "Godkänn", certified="1")
    slack.person(IVAR).message("Attestera", case)
    agree(slack, web, case, *everybody)
    attest(slack, IVAR, case)
    bo.message("Attestera", case)
    agree(slack, web, case, *everybody)

    web.does(BO, case, "Begär komplettering", message="Vilken enhet gäller det?")
    anna.press(anna.message("Vilken enhet gäller det?", case), "kp.answer")
    assert anna.submit(anna.modal(), message=text("Den i norr."))["response_action"] == "clear"
    assert "Den i norr." in says(bo.message("Attestera", "Den i norr.", case))
    agree(slack, web, case, *everybody)

    web.does(BO, case, "Attestera")
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.message("Informera agenten", "Disa Fors", case)
    agree(slack, web, case, *everybody)
    web.does(DISA, case, "Informera agenten", message="Ni kan börja.")
    hanna.message("Bekräfta anslutning", case)
    agree(slack, web, case, *everybody)
    hanna.press(hanna.message("Bekräfta anslutning", case), "kp.confirm_connection")
    anna.message("Anslutningen bekräftades", case)
    agree(slack, web, case, *everybody)
    assert book.state(case) == "connected"


def test_what_was_decided_on_the_web_is_told_to_whoever_sends_a_form_that_was_open_in_slack(slack: Slack, web: Web):
    bo = slack.person(BO)
    case = order_via(slack)
    hanna = slack.person(HANNA)
    hanna.press(hanna.message("Godkänn", case), "kp.approve")
    web.does(HANNA, case, "Avslå", reason="Fel tjänst.", reason_code="other")

    answer = hanna.submit(hanna.modal("Jag intygar"), certified={"selected_options": [{"value": "yes"}]})

    assert answer["response_action"] != "clear"
    hanna.modal("Du har redan svarat (avslagit")
    agree(slack, web, case, ANNA, HANNA, IVAR)
    assert bo.hears_nothing_of(case)
