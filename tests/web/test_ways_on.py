"""Nobody meets a dead end: what is needed is said before the form, and each end says what comes next and leads on."""

import re

import pytest

from core.api import AgreementType, Language, State
from notifications.documents import Library, blank
from notifications.texts import say
from tests.web.filling import applied
from tests.web.reading import read

START = "/?lang=en"


def linked(page: str) -> list[str]:
    """Where the links of a page's main part lead."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.findall(r'<a [^>]*?href="([^"]*)"', main)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("form", "agreement", "others"), [("/ansok", "kundavtal", 1), ("/ansok/agent", "agentavtal", 0)]
)
async def test_the_form_says_first_what_to_have_at_hand_and_leads_to_the_agreement(
    portal, language, form, agreement, others
):
    page = (await portal.browser.get(f"{form}?lang={language}")).text

    before, fields = page.split('<form method="post"', 1)
    wanted = ("number", "invoice", "administrator", "signatories", "contact")
    assert [say(language, f"web.apply.ready.{each}") in before for each in wanted] == [True] * 5
    assert before.count(say(language, "web.apply.ready.category")) == others == fields.count('name="category"')
    assert f"/avtal/{agreement}?lang={language}" in linked(before)


@pytest.mark.parametrize("of", AgreementType)
async def test_an_agreement_is_read_whole_before_anybody_applies_as_a_page_and_a_file(portal, of):
    address = f"/avtal/{of}"

    page = await portal.browser.get(f"{address}?lang=en")
    file = await portal.browser.get(f"{address}.pdf")

    swedish, english = blank(Library(), of), blank(Library(), of, Language.EN)
    for document in (swedish, english):
        assert [part.text for part in document.parts if part.text not in read(page.text).text] == []
    assert "{" not in swedish.text
    assert "fylls i från ansökan" in swedish.text
    assert (file.headers["content-type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert f"{address}.pdf" in linked(page.text)
    assert {"kundavtal": "/ansok?lang=en", "agentavtal": "/ansok/agent?lang=en"}[of] in linked(page.text)


async def test_of_an_agreement_that_there_is_not_nothing_is_read(portal):
    for address in ("/avtal/pub", "/avtal/pub.pdf", "/avtal/kundavtal.html"):
        assert (await portal.browser.get(address)).status_code == 404


async def test_whoever_has_applied_goes_on_to_the_start_and_whoever_sent_twice_to_a_new_form(portal):
    case = await applied(portal)
    sent = await portal.browser.get(f"/ansok/tack/{case.id}?lang=en")

    assert START in linked(sent.text)


@pytest.mark.parametrize(("how", "way"), [("all", START), ("one", START), ("declined", START)])
async def test_whoever_has_signed_or_declined_is_told_what_comes_next_and_can_go_on(portal, how, way):
    page = (await portal.browser.get(f"/s/klart/{how}?lang=en")).text

    assert say(Language.EN, f"web.signed.{how}.next") in page
    assert way in linked(page)


async def test_whoever_has_taken_an_application_back_can_send_a_new_one(portal):
    case = await applied(portal)
    follow = await portal.follow_link(case)
    await portal.browser.post(f"{follow}/aterta")

    page = (await portal.browser.get(f"{follow}?lang=en")).text

    assert (await portal.case(case.id)).state is State.APPLICATION_WITHDRAWN
    assert linked(page) == ["/ansok?lang=en", START]


async def test_an_application_that_goes_on_offers_no_other(portal):
    follow = await portal.follow_link(await applied(portal))

    assert "/ansok" not in linked((await portal.browser.get(follow)).text)


@pytest.mark.parametrize("address", ["/nowhere", "/s/nothing", "/a/nothing"])
async def test_whoever_has_gone_wrong_finds_back(portal, address):
    assert "/" in linked((await portal.browser.get(address)).text)
