"""The file that proves who may sign: chosen in the form, kept whatever else is wrong, for customer service alone."""

import pytest
from sqlalchemy import select

from bot.web.applying.uploads import Uploads
from core.applications import attachment
from core.applications.attachment import FILE_LIMIT
from core.ports.documents import FormKey
from core.shared.errors import NoRole
from core.shared.vocabulary import Action, CaseId
from core.storage import tables
from tests.support.world.seed import ANNA, KARIN
from tests.web.filling import TYPED, opened
from tests.web.reading import read

PDF, PNG, JPEG = b"%PDF-1.7\n\x00\xff--x\r\n", b"\x89PNG\r\n\x1a\nimage", b"\xff\xd8\xff\xe0photo"


async def uploaded(browser, content: bytes, do: str = "send", name: str = "fullmakt.pdf", form=None, **typed: str):
    """What comes after the form was sent with a file."""
    form = form or await opened(browser)
    kind = "application/octet-stream"
    return await browser.post(
        "/ansok", data=form.fields | typed | {"do": do}, files={"authority": (name, content, kind)}
    )


async def rows(portal):
    return await portal.database.read(lambda connection: connection.execute(select(tables.attachments)).all())


def case_in(answer) -> CaseId:
    assert answer.status_code == 303, read(answer.text).text
    return CaseId(answer.headers["location"].rpartition("/")[2].partition("?")[0])


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
async def test_a_file_comes_with_the_application_byte_for_byte_whatever_it_is_called(portal, content, kind) -> None:
    case = case_in(await uploaded(portal.browser, content, name="../../<b>.exe", **TYPED))

    (row,) = await rows(portal)
    assert (row.case_id, row.form, row.kind, row.content, row.size) == (case, None, kind, content, len(content))
    assert "exe" not in f"{row.id} {row.kind} {row.network}"


async def test_the_key_of_a_form_is_not_in_the_database_so_nobody_who_has_that_takes_its_file(portal) -> None:
    key = FormKey("a form that nobody else knows")
    await portal.files.keep(key, PDF, "somewhere")

    (row,) = await rows(portal)
    assert row.form not in {None, key.key}
    assert await portal.files.attached(FormKey(row.form)) is None
    assert (await portal.files.attached(key)).size == len(PDF)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Filen är tom."),
        (b"MZ\x90 not a picture", "Filer av den typen kan inte tas emot."),
        (b"<svg xmlns='x'/>", "Filer av den typen kan inte tas emot."),
        (b" %PDF-1.7", "Filer av den typen kan inte tas emot."),
        (PDF + b"x" * FILE_LIMIT, "Filen är större än 5 MB."),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told_of_at_its_field_and_nothing_typed_is_lost(
    portal, content, told
) -> None:
    answer = await uploaded(portal.browser, content, **TYPED)

    page = read(answer.text)
    assert answer.status_code == 422
    assert told in page.text
    assert {name: page.fields[name] for name in TYPED} == TYPED
    assert await rows(portal) == []


async def test_it_is_told_in_the_readers_language(portal) -> None:
    form = await opened(portal.browser)
    data = form.fields | TYPED | {"do": "send"}
    answer = await portal.browser.post("/ansok?lang=en", data=data, files={"authority": ("a.pdf", b"", "text/plain")})

    assert "The file is empty. Choose another file." in answer.text


async def test_a_file_is_kept_while_the_rest_of_the_form_is_mended(portal) -> None:
    form = await opened(portal.browser)
    first = await uploaded(portal.browser, PDF, form=form, **(TYPED | {"organisation": ""}))
    again = read(first.text)
    case = case_in(await portal.browser.post("/ansok", data=again.fields | TYPED | {"do": "send"}))

    assert first.status_code == 422
    assert "Bifogad fil: PDF, 1 kB." in again.text
    assert [row.case_id for row in await rows(portal)] == [case]


async def test_a_file_may_be_changed_for_another_and_taken_away(portal) -> None:
    form = await opened(portal.browser)
    await uploaded(portal.browser, PDF, do="add", form=form, **TYPED)
    page = read((await uploaded(portal.browser, PNG, do="show", form=form, **TYPED)).text)
    kinds = [row.kind for row in await rows(portal)]
    gone = await portal.browser.post("/ansok", data=form.fields | TYPED | {"do": "detach"})

    assert "Bifogad fil: PNG" in page.text
    assert kinds == ["image/png"]
    assert await rows(portal) == []
    assert "Bifogad fil" not in gone.text


async def test_what_is_larger_than_any_form_is_not_read(portal) -> None:
    answer = await uploaded(portal.browser, PDF + b"x" * 12_000_000, **TYPED)

    assert answer.status_code == 413


async def test_other_forms_take_no_more_than_before(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    withdraw = await portal.follow_link(await portal.case(case)) + "/aterta"
    answer = await portal.browser.post(withdraw, files={"authority": ("a.pdf", b"x" * 300_000, "text/plain")})

    # It reads no form at all; the file changes nothing.
    assert answer.status_code in {303, 413}
    assert [row.content for row in await rows(portal)] == [PDF]


async def test_whoever_answers_a_question_attaches_the_file_then(portal) -> None:
    case = case_in(
        await portal.browser.post("/ansok", data=(await opened(portal.browser)).fields | TYPED | {"do": "send"})
    )
    await portal.ask(case, "Kan du bifoga en fullmakt?")
    follow = await portal.follow_link(await portal.case(case))
    form = read((await portal.browser.get(follow)).text)
    data = form.fields | {"terms_accepted": "1", "message": "Här är den.", "do": "send"}
    answer = await portal.browser.post(follow, data=data, files={"authority": ("a.png", PNG, "text/plain")})

    assert answer.status_code == 303, read(answer.text).text
    assert [(row.case_id, row.kind) for row in await rows(portal)] == [(case, "image/png")]


async def test_an_application_that_nobody_asks_about_keeps_the_file_that_it_has(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    follow = await portal.follow_link(await portal.case(case))
    data = TYPED | {"message": "Ny fil", "do": "send"}
    await portal.browser.post(follow, data=data, files={"authority": ("a.png", PNG, "text/plain")})

    assert [row.content for row in await rows(portal)] == [PDF]


async def asked_with(portal, content: bytes = PDF) -> tuple[CaseId, str]:
    """An application that has a file, about which customer service asks, and where it is answered."""
    case = case_in(await uploaded(portal.browser, content, **TYPED))
    await portal.ask(case, "Är det rätt fullmakt?")
    return case, await portal.follow_link(await portal.case(case))


async def answered(portal, follow: str, do: str, page=None, **files):
    """What comes after a button of the form, as the page shows it, was pressed."""
    page = page or read((await portal.browser.get(follow)).text)
    data = page.fields | {"terms_accepted": "1", "message": "Se nedan.", "do": do}
    return await portal.browser.post(follow, data=data, **({"files": files} if files else {}))


async def test_a_file_that_is_taken_away_stays_until_the_answer_is_sent(portal) -> None:
    _, follow = await asked_with(portal)
    page = read((await answered(portal, follow, "detach")).text)
    before = [row.content for row in await rows(portal)]
    sent = await answered(portal, follow, "send", page)

    assert "Bifogad fil" not in page.text
    assert before == [PDF]
    assert sent.status_code == 303
    assert await rows(portal) == []


async def test_whoever_takes_a_file_away_and_sends_no_answer_has_it_still(portal) -> None:
    case, follow = await asked_with(portal)
    await answered(portal, follow, "detach")

    assert "Bifogad fil: PDF" in read((await portal.browser.get(follow)).text).text
    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PDF)]


async def test_another_file_takes_the_place_of_the_first_when_the_answer_is_sent_and_no_sooner(portal) -> None:
    case, follow = await asked_with(portal)
    brought = {"authority": ("a.png", PNG, "image/png")}
    page = read((await answered(portal, follow, "show", **brought)).text)
    before = [row.content for row in await rows(portal) if row.case_id == case]
    await answered(portal, follow, "send", page)

    assert "Bifogad fil: PNG" in page.text
    assert before == [PDF]
    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PNG)]


async def test_a_file_taken_away_and_another_chosen_leaves_the_other(portal) -> None:
    case, follow = await asked_with(portal)
    page = read((await answered(portal, follow, "detach")).text)
    page = read((await answered(portal, follow, "show", page, authority=("a.png", PNG, "image/png"))).text)
    await answered(portal, follow, "send", page)

    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PNG)]


@pytest.mark.parametrize("do", ["send", "show", "detach"])
async def test_a_file_for_an_application_that_nobody_asks_about_any_more_is_refused_and_kept_nowhere(
    portal, do
) -> None:
    case, follow = await asked_with(portal)
    page = read((await portal.browser.get(follow)).text)
    await answered(portal, follow, "send", page)
    late = await answered(portal, follow, do, page, **({} if do == "detach" else {"authority": ("a.png", PNG, "x/y")}))

    assert late.status_code == 409
    assert "Det går inte att göra i det läge som ansökan har nu." in read(late.text).text
    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PDF)]


async def test_what_comes_between_the_look_and_the_answer_leaves_the_file_of_the_answer_nowhere(
    portal, monkeypatch
) -> None:
    case, follow = await asked_with(portal)
    page = read((await portal.browser.get(follow)).text)
    keep = Uploads.take

    async def moved_on(uploads, *asked):
        await portal.act(case, Action.REJECT, reason="Det tog för lång tid.")
        return await keep(uploads, *asked)

    monkeypatch.setattr(Uploads, "take", moved_on)
    late = await answered(portal, follow, "send", page, authority=("a.png", PNG, "image/png"))

    assert late.status_code == 409
    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PDF)]


# --- fetching


async def test_customer_service_fetches_the_file_to_be_saved_and_never_to_be_shown(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    answer = await portal.browser.get(await portal.fetch_link(case, KARIN))

    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="behorighet-{case}.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_else_gets_a_link_and_a_link_is_good_only_as_long_as_its_reader_is_there(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    with pytest.raises(NoRole):
        await portal.fetch_link(case, ANNA)
    link = await portal.fetch_link(case, KARIN)
    await portal.end_roles(KARIN)

    assert (await portal.browser.get(link)).status_code == 403


async def test_a_link_to_a_file_ends_after_a_day(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    link = await portal.fetch_link(case, KARIN)
    portal.clock.forward(days=1)

    assert (await portal.browser.get(link)).status_code == 410


# --- room


async def test_one_network_fills_a_quarter_of_the_room_and_others_have_theirs(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM_OF_A_NETWORK", 2 * len(PDF))
    for _ in range(2):
        await uploaded(portal.browser, PDF, **TYPED)
    full = await uploaded(portal.browser, PDF, **TYPED)
    other = await portal.files.keep(FormKey("another form"), PDF, "elsewhere")

    assert "Det finns inte plats för fler filer just nu." in read(full.text).text
    assert other is None
    assert len(await rows(portal)) == 3


async def test_there_is_an_end_to_the_room_and_what_was_never_sent_in_makes_way_after_a_day(
    portal, monkeypatch
) -> None:
    monkeypatch.setattr(attachment, "ROOM", len(PDF))
    await uploaded(portal.browser, PDF, do="show", **TYPED)
    full = await uploaded(portal.browser, PDF, do="show", **TYPED)
    portal.clock.forward(days=1, seconds=1)
    fits = await uploaded(portal.browser, PDF, do="show", **TYPED)

    assert "Det finns inte plats" in full.text
    assert "Bifogad fil" in fits.text
    assert len(await rows(portal)) == 1


async def test_files_of_applications_that_are_over_take_no_room(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM", 2 * len(PDF) - 1)
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    full = await uploaded(portal.browser, PDF, do="show", **TYPED)
    await portal.reject(case, "Ni är redan kund.")
    fits = await uploaded(portal.browser, PDF, do="show", **TYPED)

    assert "Det finns inte plats" in full.text
    assert "Bifogad fil" in fits.text


@pytest.mark.parametrize(("room", "warned"), [(10, True), (12, True), (14, False)])
async def test_operators_are_warned_before_no_file_fits(portal, monkeypatch, caplog, room, warned) -> None:
    monkeypatch.setattr(attachment, "ROOM", room * len(PDF) // 10)
    await uploaded(portal.browser, PDF, **TYPED)

    said = [each.getMessage() for each in caplog.records if each.getMessage().startswith("uploads_nearly_full")]
    assert bool(said) == warned


async def test_customer_service_sees_that_a_file_came_and_when(portal) -> None:
    case = case_in(await uploaded(portal.browser, PDF, **TYPED))
    await portal.act(case, Action.CLAIM)
    view = await portal.view(case)

    assert view.application.file.kind == "application/pdf"
    assert view.application.file.size == len(PDF)
