"""What only the pages refuse, since no key applies for another, follows or signs: each by its own sentence."""

import pytest
from sqlalchemy import update

from core.api import Language
from core.storage import tables
from notifications.texts import template
from tests.web.filling import SECOND, TYPED, applied
from tests.web.reading import read

WORDS_APART = "{"


async def approved(portal):
    return await portal.approve((await applied(portal, TYPED | SECOND)).id)


async def sign(portal, address, **changed):
    page = read((await portal.browser.get(address)).text)
    return await portal.browser.post(address, data=page.fields | {"confirmed": "1", "do": "send"} | changed)


async def link_of_nobody(portal):
    return await portal.browser.get("/a/nothing")


async def link_to_follow_as_one_to_sign(portal):
    address = await portal.follow_link(await applied(portal))
    return await portal.browser.get(address.replace("/a/", "/s/"))


async def link_too_old(portal):
    address = await portal.follow_link(await applied(portal))
    portal.clock.forward(days=31)
    return await portal.browser.get(address)


async def link_passed_on(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem är administratör?")
    page = read((await portal.browser.get(address)).text)
    other = {"administrator.name": "Allan Ek", "administrator.email": "allan@bygden.example"}
    sent = page.fields | other | {"terms_accepted": "1", "do": "send"}
    answer = await portal.browser.post(address, data=sent)
    return await portal.browser.get(answer.headers["Location"])


async def link_used_before(portal):
    address = await portal.sign_link(await approved(portal))
    await sign(portal, address)
    return await portal.browser.get(address)


async def link_for_another_document(portal):
    return await sign(portal, await portal.sign_link(await approved(portal)), document="0" * 64)


async def document_tampered_with(portal):
    address = await portal.sign_link(await approved(portal))
    changed = update(tables.documents).values(text=tables.documents.c.text + " ")
    await portal.database.write(lambda connection: connection.execute(changed))
    return await portal.browser.get(address)


async def signed_by_another_link(portal):
    case = await approved(portal)
    first, second = [await portal.sign_link(case) for _ in range(2)]
    await sign(portal, first)
    return await sign(portal, second, document=case.application.document.hash)


MET = [
    (link_of_nobody, 404, "link_unknown"),
    (link_to_follow_as_one_to_sign, 404, "link_unknown"),
    (link_too_old, 410, "link_expired"),
    (link_passed_on, 410, "link_passed_on"),
    (link_used_before, 410, "link_used"),
    (link_for_another_document, 409, "link_changed"),
    (document_tampered_with, 409, "document_changed"),
    (signed_by_another_link, 409, "already_signed"),
]


@pytest.mark.parametrize(("meet", "status", "code"), MET, ids=[each[0].__name__ for each in MET])
async def test_a_refusal_is_a_page_that_says_it_in_its_own_words(portal, meet, status, code):
    answer = await meet(portal)

    assert answer.status_code == status
    assert words(code) in read(answer.text).text


def words(code: str) -> str:
    """What the sentence of a refusal says before it names anything."""
    return template(Language.SV, f"err.{code}").partition(WORDS_APART)[0].strip()
