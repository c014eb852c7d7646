"""The file that proves who may sign: chosen in the form, kept whatever else is wrong, for customer service alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, select
from starlette.requests import Request

from bot.server import serving
from bot.server.serving import BodyTooSlow
from bot.web.applying.uploads import Uploads
from bot.web.forms import read_form_with_file
from bot.web.problems import Hindered
from core.applications import attachment
from core.applications.attachment import FILE_LIMIT
from core.identity.tokens import token_hash
from core.ports.documents import FormKey
from core.shared.errors import ApplicationFormError, NoRole
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
    await portal.files.keep(key, PDF, ["somewhere"])

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


# --- a file that is there no more


async def drive_away(portal) -> None:
    """Let the files that were not sent in give way, as to newer ones."""
    unsent = delete(tables.attachments).where(tables.attachments.c.case_id.is_(None))
    await portal.database.write(lambda connection: connection.execute(unsent))


GONE = "Filen som fanns bifogad finns inte kvar. Välj den igen, eller skicka ansökan utan filen."


@pytest.mark.parametrize(
    ("address", "told"),
    [("/ansok", GONE), ("/ansok?lang=en", "The file that was attached is no longer there.")],
)
async def test_an_applicant_whose_file_gave_way_is_told_at_its_field_and_keeps_the_rest(portal, address, told) -> None:
    shown = read((await uploaded(portal.browser, PDF, do="show", **TYPED)).text)
    await drive_away(portal)
    answer = await portal.browser.post(address, data=shown.fields | {"do": "send"})
    page = read(answer.text)
    again = await portal.browser.post("/ansok", data=page.fields | {"do": "send"})

    assert answer.status_code == 422
    assert told in page.text
    assert 'authority-error">' in answer.text
    assert {name: page.fields[name] for name in TYPED} == TYPED
    # Whoever is told so, and sends it all the same, sends it without.
    assert again.status_code == 303


async def test_whoever_only_changes_the_form_is_told_of_the_file_too(portal) -> None:
    shown = read((await uploaded(portal.browser, PDF, do="show", **TYPED)).text)
    await drive_away(portal)
    told = {do: (await portal.browser.post("/ansok", data=shown.fields | {"do": do})).text for do in ("add", "detach")}

    assert (GONE in told["add"], GONE in told["detach"]) == (True, False)


async def test_a_file_that_gives_way_to_another_while_its_form_is_sent_is_missed(portal, monkeypatch) -> None:
    take = Uploads.take

    async def taken(uploads, *asked):
        wrong = await take(uploads, *asked)
        await drive_away(portal)
        return wrong

    monkeypatch.setattr(Uploads, "take", taken)
    answer = await uploaded(portal.browser, PDF, **TYPED)

    assert (answer.status_code, GONE in read(answer.text).text) == (422, True)


async def test_a_form_with_a_file_that_is_sent_twice_is_one_application(portal) -> None:
    shown = read((await uploaded(portal.browser, PDF, do="show", **TYPED)).text)
    sent = [case_in(await portal.browser.post("/ansok", data=shown.fields | {"do": "send"})) for _ in range(2)]

    assert sent[0] == sent[1]
    assert [row.case_id for row in await rows(portal)] == sent[:1]


async def test_whoever_answers_with_a_file_that_gave_way_is_told_and_the_one_before_stays(portal) -> None:
    case, follow = await asked_with(portal)
    brought = {"authority": ("a.png", PNG, "image/png")}
    shown = read((await answered(portal, follow, "show", **brought)).text)
    await drive_away(portal)
    answer = await answered(portal, follow, "send", shown)
    page = read(answer.text)

    assert (answer.status_code, GONE in page.text) == (422, True)
    assert page.fields["message"] == "Se nedan."
    assert [(row.case_id, row.content) for row in await rows(portal)] == [(case, PDF)]
    assert (await answered(portal, follow, "send", page)).status_code == 303


# --- room


async def kept(portal, form: str, *networks: str) -> bool:
    """Whether a file that came from somewhere finds room; a minute later than the one before."""
    portal.clock.forward(minutes=1)
    try:
        await portal.files.keep(FormKey(form), PDF, networks)
    except ApplicationFormError:
        return False
    return True


async def forms(portal) -> list[str]:
    names = ["1", "2", "3", "other", "mine", *(f"{where} {number}" for where in ("near", "far") for number in range(3))]
    named = {token_hash(each): each for each in names}
    return sorted(named[row.form] for row in await rows(portal))


async def test_files_that_were_never_sent_give_way_to_newer_ones_of_the_same_network(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM_OF_A_NETWORK", 2 * len(PDF))

    assert [await kept(portal, each, "a" * 32) for each in ("1", "2", "3")] == [True] * 3
    assert await kept(portal, "other", "b" * 32)
    assert await forms(portal) == ["2", "3", "other"]


async def test_a_wider_network_has_as_much_room_again(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM_OF_A_NETWORK", len(PDF))
    for number in range(3):
        # Of one /56, and then of another one in the same /48.
        assert await kept(portal, f"near {number}", f"{number}" * 32, "d" * 32, "e" * 32)
    for number in range(3):
        assert await kept(portal, f"far {number}", f"{number}" * 32, "c" * 32, "e" * 32)

    assert await forms(portal) == ["far 1", "far 2", "near 2"]


async def test_in_a_full_room_whoever_has_most_gives_way_first(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM", 3 * len(PDF))
    for each, network in (("mine", "a"), ("1", "b"), ("2", "b"), ("3", "c")):
        assert await kept(portal, each, network * 32)

    assert await forms(portal) == ["2", "3", "mine"]


async def test_a_file_that_finds_no_room_drives_none_away(portal, monkeypatch) -> None:
    await uploaded(portal.browser, PDF, **TYPED)
    assert await kept(portal, "unsent", "a" * 32)
    monkeypatch.setattr(attachment, "ROOM", len(PDF))

    assert not await kept(portal, "new", "b" * 32)
    assert len(await rows(portal)) == 2


def test_no_network_however_wide_may_fill_the_room() -> None:
    *within, whole = attachment.rooms(3)

    assert [4 * each for each in within] == [whole, 2 * whole, 3 * whole]


async def test_one_network_fills_a_quarter_of_the_room_and_others_have_theirs(portal, monkeypatch) -> None:
    monkeypatch.setattr(attachment, "ROOM_OF_A_NETWORK", 2 * len(PDF))
    for _ in range(2):
        await uploaded(portal.browser, PDF, **TYPED)
    full = await uploaded(portal.browser, PDF, **TYPED)
    other = await portal.files.keep(FormKey("another form"), PDF, ["elsewhere"])

    assert "Det finns inte plats för fler filer just nu." in read(full.text).text
    assert other is None
    assert len(await rows(portal)) == 3


async def test_there_is_an_end_to_the_room_and_what_was_never_sent_in_makes_way_after_a_day(
    portal, monkeypatch
) -> None:
    monkeypatch.setattr(attachment, "ROOM", len(PDF))
    await uploaded(portal.browser, PDF, **TYPED)
    full = await uploaded(portal.browser, PDF, do="show", **TYPED)
    monkeypatch.setattr(attachment, "ROOM", 3 * len(PDF))
    await uploaded(portal.browser, PDF, do="show", **TYPED)
    portal.clock.forward(days=1, seconds=1)
    fits = await uploaded(portal.browser, PDF, do="show", **TYPED)

    assert "Det finns inte plats" in full.text
    assert "Bifogad fil" in fits.text
    assert len(await rows(portal)) == 2


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


# --- made-up forms


async def of_parts(said: str, name: bytes, value: bytes) -> dict[str, str]:
    """What is read of a form in parts with one field, whose head says how it is to be read."""
    body = b'--b\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n--b--\r\n"

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", said.encode()), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/ansok", "headers": headers, "client": ("192.0.2.1", 1)}
    values, _ = await read_form_with_file(Request(scope, receive), "authority")
    return dict(values)


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "idna", "latin-1", "made-up"])
async def test_a_form_is_read_as_utf_8_whatever_charset_it_names(charset) -> None:
    said = f"multipart/form-data; boundary=b; charset={charset}"

    assert await of_parts(said, b"abc-", "+2AA- å".encode()) == {"abc-": "+2AA- å"}


@pytest.mark.parametrize(
    "boundary", ["", "boundary=", f"boundary={'b' * 71}", 'boundary="b\\"; charset=utf-7', "boundary=é"]
)
async def test_a_form_whose_parts_cannot_be_told_apart_is_refused(boundary) -> None:
    with pytest.raises(Hindered):
        await of_parts(f"multipart/form-data; {boundary}", b"abc", b"abc")


# --- slow senders


class Sending:
    """A form with a file on its way from an address; the rest of it comes when it is told to."""

    def __init__(self, host: str) -> None:
        self.rest, self.is_read = asyncio.Event(), False
        headers = {"content-type": "multipart/form-data; boundary=b", "content-length": "1000000"}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": "/ansok", "headers": raw, "client": (host, 1)}
        self.form = asyncio.ensure_future(read_form_with_file(Request(scope, self._receive), "authority"))

    async def _receive(self) -> dict[str, object]:
        self.is_read = True
        await self.rest.wait()
        return {"type": "http.request", "body": b"--b--\r\n", "more_body": False}


async def turns() -> None:
    """Let everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("hosts", "other", "read"),
    [
        (["192.0.2.1"] * 9, "192.0.2.2", 2),
        ([f"2001:db8:0:{number}::1" for number in range(1, 10)], "2001:db8:1::1", 4),
        ([f"2001:db8:0:{number}00::1" for number in range(1, 10)], "2001:db8:1::1", 6),
    ],
)
async def test_whoever_sends_slowly_leaves_places_to_other_networks(hosts, other, read) -> None:
    slow = [Sending(host) for host in hosts]
    await turns()
    last = Sending(other)
    await turns()

    assert [each.is_read for each in slow].count(True) == read
    assert last.is_read
    for each in (*slow, last):
        each.rest.set()
    await asyncio.gather(*(each.form for each in (*slow, last)))


@pytest.mark.parametrize(("second", "told"), [(14, None), (16, BodyTooSlow)])
async def test_a_slow_telephone_gets_its_file_through_and_whoever_falls_behind_it_does_not(
    monkeypatch, second, told
) -> None:
    clock, comes = [0.0], asyncio.Queue[int]()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock[0])

    async def receive() -> dict[str, object]:
        size = await comes.get()
        return {"type": "http.request", "body": b"x" * size, "more_body": size > 0}

    reading = asyncio.ensure_future(
        serving.read_body(Request({"type": "http", "headers": []}, receive), 12_000_000, hurries=True)
    )
    # A file of 5 MB at 20 kB a second, and then nothing for some seconds.
    for _ in range(250):
        comes.put_nowait(20_000)
        clock[0] += 1
        await turns()
    clock[0] += second
    await turns()
    comes.put_nowait(0)
    await turns()

    assert (type(reading.exception()) if reading.exception() else None) is told
    assert told or len(reading.result()) == 5_000_000


@pytest.mark.parametrize("begin", [[], [b"--b\r\n"]])
async def test_a_file_that_comes_too_slowly_is_refused_and_gives_its_place_back(portal, monkeypatch, begin) -> None:
    monkeypatch.setattr(serving, "SLOW_SECONDS", 0)

    async def nothing_more() -> AsyncIterator[bytes]:
        for part in begin:
            yield part
        await asyncio.Event().wait()

    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": "1000000"}
    for _ in range(9):
        answer = await portal.browser.post("/ansok", content=nothing_more(), headers=headers)

        assert answer.status_code == 408
        assert "Filen kom för långsamt" in read(answer.text).text
