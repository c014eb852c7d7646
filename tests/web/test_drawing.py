"""PDFs are drawn beside the product, in a process that holds nothing of it: whoever asks for them stops nobody else."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children
from pathlib import Path

import pytest

from core.api import AgreementType
from notifications.documents import Library, blank, pdf_layout
from notifications.documents.pdf import draw_pdf, pdf_of
from tests.web.filling import TYPED, applied

BLANK = "/avtal/kundavtal.pdf"
MANY = 8


@pytest.fixture
async def approved(portal):
    return await portal.approve((await applied(portal, TYPED)).id)


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the other process is asked to draw."""
    asked: list[object] = []
    submit = ProcessPoolExecutor.submit

    def counted(pool, work, *about):
        asked.append(about)
        return submit(pool, work, *about)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", counted)
    return asked


async def test_an_agreement_as_it_is_before_anybody_applies_is_drawn_once_and_kept(portal, drawings):
    at_once = await asyncio.gather(*(portal.browser.get(BLANK) for _ in range(MANY)))
    later = await portal.browser.get(BLANK)

    assert {answer.content[:5] for answer in (*at_once, later)} == {b"%PDF-"}
    assert len({answer.content for answer in (*at_once, later)}) == len(drawings) == 1


async def test_an_agreement_behind_a_link_is_drawn_once_for_all_who_ask_meanwhile_and_not_kept(
    portal, approved, drawings
):
    address = await portal.sign_link(approved) + "/avtal.pdf"

    at_once = await asyncio.gather(*(portal.browser.get(address) for _ in range(MANY)))
    assert len({answer.content for answer in at_once}) == len(drawings) == 1

    assert (await portal.browser.get(address)).content == at_once[0].content
    assert len(drawings) == 2


async def test_nothing_is_drawn_for_whoever_may_not_read_it_though_others_wait_for_the_same(portal, approved, drawings):
    address = await portal.sign_link(approved) + "/avtal.pdf"

    right, wrong = await asyncio.gather(portal.browser.get(address), portal.browser.get("/s/nothing/avtal.pdf"))

    assert (right.status_code, wrong.status_code, len(drawings)) == (200, 404, 1)


async def test_nothing_is_drawn_in_the_process_that_answers(portal, approved, monkeypatch):
    monkeypatch.setattr(pdf_layout, "draw", None)

    for address in (BLANK, await portal.sign_link(approved) + "/avtal.pdf"):
        assert (await portal.browser.get(address)).content.startswith(b"%PDF-")


async def test_of_several_documents_one_is_drawn_at_a_time():
    library = Library()

    await asyncio.gather(*(draw_pdf(blank(library, each)) for each in AgreementType))

    assert len(active_children()) == 1


async def test_a_process_that_draws_and_dies_is_followed_by_another():
    document = blank(Library(), AgreementType.KUNDAVTAL)
    before = await draw_pdf(document)
    (drawing,) = active_children()

    os.kill(drawing.pid or 0, signal.SIGKILL)
    drawing.join()

    assert await draw_pdf(document) == before == pdf_of(document)


async def test_a_process_that_draws_has_no_connection_of_the_product():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        await draw_pdf(blank(Library(), AgreementType.KUNDAVTAL))
        (drawing,) = active_children()

        opened = [os.readlink(f"/proc/{drawing.pid}/fd/{each}") for each in os.listdir(f"/proc/{drawing.pid}/fd")]

    assert [each for each in opened if each.startswith("socket:")] == []


DRAW_AND_WAIT = """
import asyncio, multiprocessing, sys
from core.api import AgreementType
from notifications.documents import Library, blank
from notifications.documents.pdf import draw_pdf
if __name__ == "__main__":
    asyncio.run(draw_pdf(blank(Library(), AgreementType.KUNDAVTAL)))
    print(multiprocessing.active_children()[0].pid, flush=True)
    sys.stdin.read()
"""


def test_a_process_that_draws_ends_with_the_product_though_that_is_killed(tmp_path: Path):
    script = tmp_path / "drawing.py"
    script.write_text(DRAW_AND_WAIT)
    product = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "."}
    )
    with product:
        assert product.stdout
        drawing = os.pidfd_open(int(product.stdout.readline()))

        product.kill()

        assert select.select([drawing], [], [], 30)[0] == [drawing]
    os.close(drawing)
