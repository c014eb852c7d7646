"""Writes what the product shows outside to files, so that two trees can be compared.

`python -m tests.tooling.snapshot FOLDER` on each of them, then `diff -r`: a rebuilt inside changes none of it.
`openapi.json` is the HTTP API; `sv.jsonl` and `en.jsonl` hold every card, modal and home tab there is to draw, a line
each, with each card also as a mail.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from core import http
from core.api import Language
from tests.support.drawn import drawings
from tests.support.drawn.sent import as_sent
from tests.support.world import contact


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    contact.name_it()
    (folder / "openapi.json").write_text(json.dumps(openapi(), indent=1, ensure_ascii=False), "utf-8")
    for language in Language:
        with (folder / f"{language}.jsonl").open("w", encoding="utf-8") as lines:
            for drawn in everything(language):
                print(json.dumps(drawn, ensure_ascii=False), file=lines)


def openapi() -> dict[str, Any]:
    """The HTTP API as it describes itself, which takes none of what it works with."""
    none_of_them: Any = dict.fromkeys(field.name for field in fields(http.ApiPorts))
    return http.api(http.ApiPorts(**none_of_them), cast(Any, None)).openapi()


def everything(language: Language) -> Iterator[list[Any]]:
    """[name, kind, drawing], and for a message its mail as well."""
    for name, kind, made in drawings.in_language(language):
        yield [name, kind, as_sent(made)]
        if kind == "message":
            yield [name, "mail", drawings.mail_of(made, language)]


if __name__ == "__main__":
    main()
