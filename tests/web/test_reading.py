"""Somebody reads the agreement of an organisation by a personal link: the stored document, its hash and signatures."""

from sqlalchemy import update

from core.api import DocumentLinks, Person, new_id
from core.storage import tables
from core.storage.administration.registrar import SqlRegistrar
from tests.web.filling import SECOND, TYPED, applied
from tests.web.reading import read
from tests.web.test_signing import signed


async def agreed(portal, **changed: str):
    """An agreement that both have signed."""
    case = await portal.approve((await applied(portal, TYPED | SECOND | changed)).id)
    for number in range(2):
        await signed(portal, await portal.sign_link(case, number))
    return await portal.case(case.id)


async def link(portal, case) -> str:
    """What the administrator gets in Slack."""
    registrar = SqlRegistrar(portal.database, new_id)
    who = case.application.administrator
    documents = DocumentLinks(registrar, portal.links, portal.clock, new_id)
    token, _ = await documents.make(Person(who.person, who.name, who.email), case.application.document.hash)
    return f"/l/{token}"


async def test_the_page_shows_what_was_signed_by_whom_and_the_hash(portal):
    case = await agreed(portal)

    page = read((await portal.browser.get(await link(portal, case))).text)

    document = await portal.agreements.document(case)
    for part in document.parts:
        assert " ".join(part.text.split()) in page.text
    assert page.heading == "Kundavtal"
    assert "Avtalet gäller sedan 25 november 2026." in page.text
    assert "Zoë Müller, 25 november 2026 kl. " in page.text
    assert "enkel elektronisk underskrift genom personlig länk, utan e-legitimation" in page.text
    assert document.hash in page.text


async def test_the_pdf_is_the_same_document_with_its_signatures(portal):
    case = await agreed(portal)
    address = await link(portal, case)

    page = read((await portal.browser.get(address)).text)
    answer = await portal.browser.get(page.links["Öppna avtalet som PDF"])

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert f"kundavtal-1-{case.id}.pdf" in answer.headers["content-disposition"]
    assert len(answer.content) > len((await portal.browser.get(await portal.follow_link(case) + "/avtal.pdf")).content)


async def test_opening_it_changes_nothing_however_often_and_nothing_can_be_sent_to_it(portal):
    case = await agreed(portal)
    address = await link(portal, case)

    for _ in range(2):
        for method in ("GET", "HEAD"):
            assert (await portal.browser.request(method, address)).status_code == 200
    assert (await portal.browser.post(address, data={"do": "send"})).status_code == 405
    assert await portal.case(case.id) == case


async def test_a_link_has_its_day(portal):
    address = await link(portal, await agreed(portal))
    portal.clock.forward(days=1)

    answer = await portal.browser.get(address)

    assert answer.status_code == 410
    assert read(answer.text).heading == "Länken gäller inte längre"


async def test_what_does_not_lead_to_a_document_gets_a_helpful_page(portal):
    case = await agreed(portal)
    address = await link(portal, case)
    roles = tables.role_assignments
    await portal.database.write(lambda c: c.execute(update(roles).values(valid_to=portal.clock())))

    ended = await portal.browser.get(address)
    wrong = await portal.browser.get("/l/" + "x" * 43)

    assert (ended.status_code, wrong.status_code) == (403, 404)
    assert "Du har inte rollen" in read(ended.text).text


async def test_an_agreement_that_has_ended_says_when(portal):
    case = await agreed(portal)
    portal.clock.forward(days=40)
    address = await link(portal, case)
    await portal.database.write(lambda c: c.execute(update(tables.agreements).values(ended_at=portal.clock())))

    assert "Avtalet upphörde 4 januari 2027." in read((await portal.browser.get(address)).text).text
