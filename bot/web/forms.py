"""Reads what a form sent, and keeps all of it: what cannot be used is shown again and not lost."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from bot.server.serving import read_body
from bot.web.problems import Hindered, VisitProblem
from core.api import HIDDEN

# The longest application, ten signatories and an address, is about a tenth of this.
MAX_BODY = 200_000
MAX_FIELDS = 100
# What nobody types; a line's end is kept.
CONTROLS = re.compile(rf"[\x80-\x9f\x00-\x09\x0b-\x1f\x7f{HIDDEN}]")

Values = Mapping[str, str]


async def read_form(request: Request) -> Values:
    """Return the fields by name, stripped; of several with one name the last. Raises TooLarge, Hindered."""
    body = await read_body(request, MAX_BODY)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Hindered(VisitProblem.WRONG) from error
    return {name: _clean(value) for name, value in pairs}


def _clean(value: str) -> str:
    return CONTROLS.sub("", value.replace("\r\n", "\n")).strip()
