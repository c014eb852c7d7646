"""A document as a PDF. What draws it is loaded with the first one: it costs a sixth of a start, and of the memory.

Drawing holds the interpreter for a tenth of a second: the product leaves it to a process of its own, one at a time.
"""

import asyncio
import logging
import os
import signal
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context, parent_process
from threading import Thread

from core.api import Language
from notifications.documents.agreement import Document
from notifications.documents.markup import TextPart
from notifications.documents.signed import SignedDocument
from notifications.texts import say

log = logging.getLogger(__name__)

# Of equals, the process that answers presses goes first.
NICE = 10

Drawing = tuple[tuple[TextPart, ...], str]
_under_way: dict[Drawing, Future[bytes]] = {}


async def draw_pdf(document: Document | SignedDocument, foot: str = "") -> bytes:
    """Draw the same as `pdf_of`, beside the process that asks; once for all who ask for the same meanwhile."""
    drawing = _drawing(document, foot)
    pool = _pool()
    try:
        return await _drawn(pool, drawing)
    except BrokenProcessPool as error:
        log.warning("pdf_process_ended error=%s", type(error).__name__)
        if _pool() is pool:
            _pool.cache_clear()
        return await _drawn(_pool(), drawing)


def pdf_of(document: Document | SignedDocument, foot: str = "") -> bytes:
    """Draw the PDF, in Swedish, the language of what is signed; each page says at its foot which document it is of,
    by version and hash where nothing else is given.
    """
    return _draw(*_drawing(document, foot))


def _drawing(document: Document | SignedDocument, foot: str) -> Drawing:
    said = foot or say(Language.SV, "web.document.foot", version=document.version, hash=document.hash)
    return document.parts, said


def _draw(parts: tuple[TextPart, ...], foot: str) -> bytes:
    from notifications.documents.pdf_layout import draw

    return draw(parts, foot)


async def _drawn(pool: ProcessPoolExecutor, drawing: Drawing) -> bytes:
    under_way = _under_way.get(drawing)
    if under_way is None:
        under_way = _under_way[drawing] = pool.submit(_draw, *drawing)
        under_way.add_done_callback(lambda _: _under_way.pop(drawing, None))
    # Shielded: if one of those who wait hangs up, the others still get it.
    return await asyncio.shield(asyncio.wrap_future(under_way))


@cache
def _pool() -> ProcessPoolExecutor:
    # Spawned, so that it inherits neither threads nor connections.
    return ProcessPoolExecutor(1, get_context("spawn"), _begin)


def _begin() -> None:
    os.nice(NICE)
    # These are meant for the product, which ends this process in its turn.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End where the product is killed, which a pool would not notice."""
    product = parent_process()
    if product is not None:
        product.join()
        os._exit(0)
