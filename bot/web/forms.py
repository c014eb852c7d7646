"""Reads what a form sent, and keeps all of it: what cannot be used is shown again and not lost.

A form of whoever is signed in must come from a page of ours: what another site sends is turned away.
"""

import hmac
import re
from asyncio import Semaphore
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from bot.server.serving import read_body
from bot.web.problems import Hindered, VisitProblem
from core.api import HIDDEN, networks_of

# The longest application, ten signatories and an address, is about a tenth of this.
MAX_BODY = 200_000
MAX_FIELDS = 100
# A file that is too large is told of at its field, as long as it is no larger than what a telephone's camera makes; and
# so many of those are read at once, so that nobody fills the memory. A network has two of these places, a wider one two
# more, and whoever has one sends at the least rate.
MAX_BODY_WITH_FILE = 12_000_000
OF_A_NETWORK = 2
DIGITS = 18
# What may part a form's fields, by RFC 2046.
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")
_large = Semaphore(8)
_large_of = WeakValueDictionary[str, Semaphore]()
# What nobody types; a line's end is kept.
CONTROLS = re.compile(rf"[\x80-\x9f\x00-\x09\x0b-\x1f\x7f{HIDDEN}]")

# The button that sends what is typed.
SEND = "send"
# The field in which a form of whoever is signed in carries its token.
TOKEN = "form_token"  # noqa: S105 - the name of a field
# "none" is a person's own doing: a page that is loaded again.
OWN_SITES = frozenset({"same-origin", "none"})

Values = Mapping[str, str]


async def read_form(request: Request) -> Values:
    """Return the fields by name, stripped; of several with one name the last. Raises TooLarge, Hindered."""
    body = await read_body(request, MAX_BODY)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Hindered(VisitProblem.WRONG) from error
    return {name: _clean(value) for name, value in pairs}


def button_of(values: Values, *others: str) -> str:
    """Return by which button a form was sent: the one that sends it, where it says none. Raises Hindered for others."""
    button = values.get("do") or SEND
    if button not in {SEND, *others}:
        raise Hindered(VisitProblem.WRONG)
    return button


async def read_form_with_file(request: Request, name: str) -> tuple[Values, bytes | None]:
    """Return the same of a form that may bring a file, and the file; None where none was chosen."""
    kind, said = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return await read_form(request), None
    boundary = said.get(b"boundary", b"").decode("latin-1")
    if not BOUNDARY.fullmatch(boundary):
        raise Hindered(VisitProblem.WRONG)
    # Never with the charset that it names: some take minutes to decode, or decode to what cannot be encoded again.
    headers = Headers({"content-type": f'multipart/form-data; boundary="{boundary}"'})
    body = await _read_large(request)

    async def once() -> AsyncGenerator[bytes]:
        yield body

    try:
        form = await InMemory(headers, once(), max_files=1, max_fields=MAX_FIELDS).parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise Hindered(VisitProblem.WRONG) from error
    try:
        file = form.get(name)
        values = {key: _clean(value) for key, value in form.multi_items() if isinstance(value, str)}
        return values, await file.read() if isinstance(file, UploadFile) and file.filename else None
    finally:
        await form.close()


class InMemory(MultiPartParser):
    """Reads a form in parts, and lays no file of a stranger's on the disk."""

    spool_max_size = MAX_BODY_WITH_FILE


async def _read_large(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < DIGITS and int(declared) <= MAX_BODY:
        return await read_body(request, MAX_BODY)
    async with AsyncExitStack() as places:
        for n, network in enumerate(networks_of(request.client.host if request.client else ""), 1):
            await places.enter_async_context(_large_of.setdefault(network, Semaphore(OF_A_NETWORK * n)))
        await places.enter_async_context(_large)
        return await read_body(request, MAX_BODY_WITH_FILE, hurries=True)


def _clean(value: str) -> str:
    return CONTROLS.sub("", value.replace("\r\n", "\n")).strip()


def check_origin(request: Request) -> None:
    """Raise Hindered for what another site sent, where the browser says so: all that are in use today do.

    Our pages tell nobody where one was, and a browser then writes "null" as the origin of their forms too.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    is_foreign = site is not None and site not in OWN_SITES
    # Compared as it is: what is no address at all has no host, and is not ours.
    if is_foreign or (origin != "null" and origin.partition("://")[2] != request.headers.get("host")):
        raise Hindered(VisitProblem.WRONG)


def keyed_hash(secret_key: str, purpose: str, text: str) -> str:
    """Return a hash of a text that nobody without the secret key can make; one for another purpose is another."""
    key = hmac.digest(secret_key.encode(), f"kundportal {purpose}".encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:32]


def is_token(values: Values, token: str) -> bool:
    """Say whether a page of this session made a form."""
    return hmac.compare_digest(values.get(TOKEN, "").encode(), token.encode())
