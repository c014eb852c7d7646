"""A signatory reads the whole agreement and signs it, once, by a link for that person and that document."""

import pytest
from sqlalchemy import select, update

from core.api import Assurance, Language, State
from core.storage import tables
from notifications.documents.pdf import pdf_of
from notifications.texts import say
from tests.web.filling import SECOND, TYPED, applied
from tests.web.reading import read

BOTH = TYPED | SECOND
CONFIRMED = {"confirmed": "1", "do": "send"}


@pytest.fixture
async def approved(portal):
    return await portal.approve((await applied(portal, BOTH)).id)


async def signed(portal, address, **changed):
    page = read((await portal.browser.get(address)).text)
    return await portal.browser.post(address, data=page.fields | CONFIRMED | changed)


async def test_the_page_shows_the_document_who_signs_and_until_when(portal, approved):
    page = read((await portal.browser.get(await portal.sign_link(approved))).text)

    document = await portal.agreements.document(approved)
    for part in document.parts:
        assert " ".join(part.text.split()) in page.text
    assert document.hash in page.text
    assert "Çelik Jovanović, du signerar för Räksmörgås Vård & Omsorg AB." in page.text
    assert "2 av 2 firmatecknare måste signera." in page.text
    assert "gäller till 25 december 2026" in page.text
    assert "enkel elektronisk underskrift, utan e-legitimation" in page.text


async def test_the_reading_aid_is_for_those_who_read_english(portal, approved):
    address = await portal.sign_link(approved)

    assert "Read the agreement in English" in (await portal.browser.get(address + "?lang=en")).text
    assert "på engelska" not in (await portal.browser.get(address)).text


async def test_two_sign_and_the_agreement_holds(portal, approved):
    links = [await portal.sign_link(approved, number) for number in range(2)]

    first = await signed(portal, links[0])
    between = await portal.case(approved.id)
    second = await signed(portal, links[1])
    after = await portal.case(approved.id)

    assert read((await portal.browser.get(first.headers["location"])).text).heading == "Din signatur är registrerad"
    assert between.state is State.AGREEMENT_AWAITING_SIGNATURE
    assert read((await portal.browser.get(second.headers["location"])).text).heading == "Avtalet är tecknat"
    assert after.state is State.AGREEMENT_ACTIVE
    assert {each.document_hash for each in after.signatures} == {approved.application.document.hash}
    assert {each.assurance for each in after.signatures} == {Assurance.SIMPLE_SIGNATURE}


async def test_opening_a_link_changes_nothing_however_often(portal, approved):
    address = await portal.sign_link(approved)
    before = await portal.case(approved.id)

    for path in (address, address + "/avboj", address + "/avtal.pdf"):
        for method in ("GET", "HEAD"):
            answer = await portal.browser.request(method, path, headers={"Sec-Purpose": "prefetch"})
            assert answer.status_code == 200

    assert await portal.case(approved.id) == before
    assert (await signed(portal, address)).status_code == 303


async def test_a_link_is_used_once(portal, approved):
    address = await portal.sign_link(approved)
    await signed(portal, address)

    for answer in (
        await portal.browser.get(address),
        await portal.browser.get(address + "/avtal.pdf"),
        await portal.browser.post(address, data=CONFIRMED | {"document": approved.application.document.hash}),
        await portal.browser.post(address + "/avboj", data={"reason": "Nej", "do": "send"}),
    ):
        assert answer.status_code == 410
        assert read(answer.text).heading == "Länken gäller inte längre"
    assert len((await portal.case(approved.id)).signatures) == 1


@pytest.mark.parametrize("do", ["jump", "allow", "add"])
async def test_a_button_that_the_form_does_not_have_signs_and_declines_nothing(portal, approved, do):
    address = await portal.sign_link(approved)
    before = await portal.case(approved.id)

    answers = [
        await signed(portal, address, do=do),
        await portal.browser.post(address + "/avboj", data={"reason": "Nej", "do": do}),
    ]

    assert [each.status_code for each in answers] == [400, 400]
    assert await portal.case(approved.id) == before


async def test_a_link_has_its_time(portal, approved):
    address = await portal.sign_link(approved)
    portal.clock.forward(days=31)

    assert (await portal.browser.get(address)).status_code == 410


async def test_nothing_is_signed_without_the_confirmation(portal, approved):
    answer = await signed(portal, await portal.sign_link(approved), confirmed="")

    assert answer.status_code == 422
    assert read(answer.text).invalid == ["confirmed"]
    assert say(Language.SV, "web.field_error.signature.required") in read(answer.text).text
    assert not (await portal.case(approved.id)).signatures


async def test_another_document_than_the_links_is_not_signed(portal, approved):
    address = await portal.sign_link(approved)

    answer = await signed(portal, address, document="0" * 64)

    assert answer.status_code == 409
    assert not (await portal.case(approved.id)).signatures


async def test_what_was_sent_out_to_be_signed_stays_when_the_texts_change(portal, approved, tmp_path):
    address = await portal.sign_link(approved)
    (tmp_path / "kundavtal-1.sv.md").write_text("# Något annat", "utf-8")
    object.__setattr__(portal.agreements.library, "folder", tmp_path)

    page = await portal.browser.get(address)

    assert "1. Vad avtalet gäller" in page.text
    assert "Något annat" not in page.text


async def test_a_document_that_was_tampered_with_cannot_be_signed(portal, approved):
    address = await portal.sign_link(approved)
    changed = update(tables.documents).values(text=tables.documents.c.text + " ")
    await portal.database.write(lambda connection: connection.execute(changed))

    for path in (address, address + "/avtal.pdf"):
        assert (await portal.browser.get(path)).status_code == 409


async def test_one_persons_link_does_not_sign_for_the_other(portal, approved):
    links = [await portal.sign_link(approved) for _ in range(2)]
    await signed(portal, links[0])

    again = await signed(portal, links[1])

    assert again.status_code == 409
    assert len((await portal.case(approved.id)).signatures) == 1


async def test_the_pdf_is_of_what_is_signed(portal, approved):
    answer = await portal.browser.get(await portal.sign_link(approved) + "/avtal.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == pdf_of(await portal.agreements.document(approved))


async def test_a_reason_longer_than_anybody_reads_is_told_at_its_field(portal, approved):
    address = await portal.sign_link(approved)
    form = read((await portal.browser.get(address + "/avboj")).text)

    long = await portal.browser.post(address + "/avboj", data=form.fields | {"reason": "x" * 2_001, "do": "send"})

    assert (long.status_code, read(long.text).invalid) == (422, ["reason"])
    assert "Texten är för lång." in long.text
    assert (await portal.case(approved.id)).state is State.AGREEMENT_AWAITING_SIGNATURE


async def test_one_who_declines_ends_it_for_all_and_says_why(portal, approved):
    address, other = [await portal.sign_link(approved, number) for number in range(2)]
    form = read((await portal.browser.get(address + "/avboj")).text)

    empty = await portal.browser.post(address + "/avboj", data=form.fields | {"reason": "", "do": "send"})
    declined = await portal.browser.post(address + "/avboj", data=form.fields | {"reason": "Fel part.", "do": "send"})
    after = await portal.case(approved.id)

    assert read(empty.text).invalid == ["reason"]
    assert declined.status_code == 303
    assert after.state is State.AGREEMENT_DECLINED
    assert after.decisions[-1].reason == "Fel part."
    assert not await portal.database.read(lambda connection: connection.execute(select(tables.documents)).all())
    for answer in (await portal.browser.get(other), await portal.browser.get(other + "/avtal.pdf")):
        assert answer.status_code == 409
        assert "Ansökan är avslutad." in read(answer.text).text
    late = await portal.browser.post(other, data=CONFIRMED | {"document": approved.application.document.hash})
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Om du avböjer avslutas ansökan för hela organisationen, och ingen annan kan signera."),
        (
            "en",
            "If you decline, the application is closed for the whole organisation, and nobody else can sign.",
        ),
    ],
)
async def test_whoever_is_about_to_decline_reads_that_nobody_else_can_sign_then(portal, approved, language, said):
    address = await portal.sign_link(approved)

    page = read((await portal.browser.get(f"{address}/avboj?lang={language}")).text)

    assert said in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Ansökan är avslutad, och kontaktpersonerna i den får besked via mejl."),
        ("en", "The application is closed, and the contact persons in it are told by e-mail."),
    ],
)
async def test_whoever_has_declined_reads_that_the_application_is_closed(portal, approved, language, said):
    address = await portal.sign_link(approved)
    declined = await portal.browser.post(address + "/avboj", data={"reason": "Fel part.", "do": "send"})
    after = declined.headers["location"].partition("?")[0]

    page = read((await portal.browser.get(f"{after}?lang={language}")).text)

    assert said in page.text


async def test_the_form_that_declines_is_read_in_another_language_before_it_is_sent(portal, approved):
    address = await portal.sign_link(approved)

    shown = await portal.browser.post(address + "/avboj?lang=en", data={"reason": "Fel part.", "do": "show"})

    page = read(shown.text)
    assert (shown.status_code, page.invalid, page.fields["reason"]) == (200, [], "Fel part.")
    assert (await portal.case(approved.id)).state is State.AGREEMENT_AWAITING_SIGNATURE


async def test_no_page_behind_a_link_is_kept_or_told_to_others(portal, approved):
    headers = (await portal.browser.get(await portal.sign_link(approved))).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
