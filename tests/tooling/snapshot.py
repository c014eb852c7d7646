"""Writes what people and other systems see to files, so that two trees can be compared.

Run `python -m tests.tooling.snapshot FOLDER [PART …]` in each tree, on the same day, then `diff -r`. The parts:

`api` is the HTTP API as it describes itself; `cards` every card, dialog and home tab in both languages, each card as a
mail too; `pages` every state of every page; `work` each person's own pages in each situation; `operator` what `history`
and `who` tell of each state, and the export; `commands` the help of every command; `metrics` what is counted.
"""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.parse import unquote

from playwright.sync_api import sync_playwright
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli.commands import app
from core import http
from core.api import Language
from core.shared.ids import ALPHABET
from tests.page.conftest import FLAGS, PATIENCE_MS, chromium_path
from tests.page.site import serving
from tests.page.states import World, all_states
from tests.page.test_site import PHONE, visit
from tests.support.drawn import drawings
from tests.support.drawn.sent import as_sent
from tests.support.world import contact
from tests.tooling import test_every_state
from tests.web.test_metrics import METRICS, TOKEN
from tests.web.test_who_may import EVERYBODY, SITUATIONS, come_to
from tests.web.working import working

# What differs from run to run: ids, tokens and hashes, ports, and the time of day.
_IDS = re.compile(rf"\b([A-Z])-?[{ALPHABET}]{{7,}}(?![A-Za-z])")
_RANDOM = re.compile(r"(?=[\w-]*[A-Z0-9])(?=[\w-]*[a-z])[\w-]{20,}|\b[0-9a-f]{16,}\b|(?<=/login/)[\w-]+")
_TIMES = re.compile(r"\b\d\d[:.]\d\d(:\d\d(\.\d+)?)?\b|(?<=[|]\d[.])\d+|(?<=127\.0\.0\.1:)\d+")

Lines = Iterator[list[Any]]


def main() -> None:
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or list(PARTS)
    folder.mkdir(parents=True, exist_ok=True)
    contact.name_it()
    for part in wanted:
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8") as lines:
            for line in PARTS[part]():
                print(json.dumps(line, ensure_ascii=False), file=lines)


def api() -> Lines:
    """The HTTP API as it describes itself, which takes none of what it works with."""
    none_of_them: Any = dict.fromkeys(field.name for field in fields(http.ApiPorts))
    described = http.api(http.ApiPorts(**none_of_them), cast(Any, None)).openapi()
    yield from ([part, name, each] for part in ("paths", "components") for name, each in described.pop(part).items())
    yield [described]


def cards() -> Lines:
    """[language, name, kind, drawing], and for a message its mail as well."""
    for language in Language:
        for name, kind, made in drawings.in_language(language):
            yield [language, name, kind, as_sent(made)]
            if kind == "message":
                yield [language, name, "mail", drawings.mail_of(made, language)]


def pages() -> Lines:
    """[language, name, the page's elements], as a browser has them in the end."""
    with (
        TemporaryDirectory() as folder,
        serving(f"sqlite:///{folder}/site.db") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_context(viewport=PHONE, locale="sv-SE").new_page()
        page.set_default_timeout(PATIENCE_MS)
        for name, state in site.do(all_states(World(site))).items():
            for language in Language:
                visit(page, site, state, language)
                yield [language, name, alike(page.content())]
        browser.close()


def work() -> Lines:
    """[situation, person, address, page]: the first page, the case, and each form that it leads to."""
    return _run(_work)


async def _work() -> list[list[Any]]:
    seen: list[list[Any]] = []
    for situation in SITUATIONS:
        with TemporaryDirectory() as folder:
            async with working(f"sqlite:///{folder}/work.db") as made:
                case = await come_to(made, situation)
                for person in EVERYBODY:
                    for language in Language:
                        async with made(person, language) as desk:
                            for address in ("/arbete", f"/arbete/arende/{case.id}"):
                                await desk.open(address)
                                seen.append([situation, language, person, alike(desk.html)])
                            for link in [each for each in desk.page.links.values() if "_act=" in each]:
                                await desk.open(link)
                                seen.append([situation, language, person, alike(desk.html)])
    return seen


def operator() -> Lines:
    """[command and its words, what it prints], for every state of every flow."""
    told: list[list[Any]] = []

    class Kept(test_every_state.Operator):
        async def types(self, *words: str) -> str:
            output = await super().types(*words)
            lines = alike(output).splitlines()
            if "--export" in words:
                # Two lines of one instant are numbered as the database comes to their cases.
                lines = sorted(re.sub(r'^(\{"id": )?\d+,', "", line) for line in lines)
            told.append([alike(" ".join(words)), *lines])
            return output

    test_every_state.Operator, usual = Kept, test_every_state.Operator
    with TemporaryDirectory() as folder:
        told_in_every_state = (
            test_every_state.test_history_and_who_tell_of_a_case_in_every_state_and_all_of_it_is_exported
        )
        asyncio.run(told_in_every_state(f"sqlite:///{folder}/operator.db"))
    test_every_state.Operator = usual
    yield from told


def commands() -> Lines:
    """[command, its help]"""
    runner = CliRunner(env={"COLUMNS": "100"})

    def each(command: Any, words: tuple[str, ...]) -> Lines:
        yield [" ".join(words), runner.invoke(app, [*words, "--help"]).output]
        for name, below in getattr(command, "commands", {}).items():
            yield from each(below, (*words, name))

    return each(get_command(app), ())


def metrics() -> Lines:
    """Each line that says what a metric is."""
    return _run(_metrics)


async def _metrics() -> list[list[Any]]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/metrics.db"
        async with working(url, metrics_token=TOKEN) as made, made(EVERYBODY[0]) as desk:
            answer = await desk.browser.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})
            return [[line] for line in sorted(answer.text.splitlines()) if line.startswith("#")]


def alike(text: str) -> str:
    """A text without what differs from run to run."""
    return _TIMES.sub("00:00", _IDS.sub(r"\1#", _RANDOM.sub("~", unquote(text))))


def _run(part: Callable[[], Any]) -> Lines:
    yield from asyncio.run(part())


PARTS: dict[str, Callable[[], Lines]] = {
    each.__name__: each for each in (api, cards, pages, work, operator, commands, metrics)
}


if __name__ == "__main__":
    main()
