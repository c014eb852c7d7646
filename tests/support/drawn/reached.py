"""Finds what sends people to customer service without saying how it is reached."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import pairwise

import httpx

from core.api import Language
from notifications.texts import keys, say
from tests.support.drawn.drawings import nodes
from tests.support.world.contact import CONTACT

SENDS = {
    Language.SV: re.compile(
        r"\b(?:kontakta|ring|ringa|mejla|skriv till|be|vänd dig till)\b[^.?:\d]*\bkundservice\b"
        r"|\bfråga (?:\w+ eller )?(?:ineras )?kundservice\b"
        r"|\bkundservice (?:hjälper|kan (?:hjälpa|skicka|rätta))\b|\b(?:kontakta|fråga|ring) dem\b"
        r"|\bfrågor\W*(?:ineras )?kundservice\b",
        re.IGNORECASE,
    ),
    Language.EN: re.compile(
        r"\b(?:contact|ask|call|e-?mail|write to|turn to)\b[^.?:\d]*\bcustomer service\b"
        r"|\bcustomer service (?:helps|can (?:help|send|correct))\b|\b(?:contact|ask|call) them\b"
        r"|\bquestions\W*(?:inera )?customer service\b",
        re.IGNORECASE,
    ),
}
# To people who work there, or about a role of that name: they know the way.
AMONG_COLLEAGUES = {"err.no_role_inera", "err.not_for_oneself", "unattended.now.todo"}
# What stands in the place of a contact that somebody can follow or copy.
WAY = "\N{RIGHTWARDS ARROW}"
_LINKS = re.compile(r'<a href="(?:mailto:|tel:)[^"]*">([^<]*)</a>')
_MRKDWN_LINKS = re.compile(r"<(?:mailto:|tel:)[^|>]*\|[^>]*>")
_TAGS = re.compile(r"<[^>]*>")


def sends(language: Language, text: str) -> list[str]:
    """What a text of the catalogue, or one that was drawn, says of whom to contact without saying how."""
    return _sends(language, text)


# The same sentence is drawn a thousand times.
@cache
def _sends(language: Language, text: str) -> list[str]:
    for key in sorted(AMONG_COLLEAGUES & keys()):
        text = text.replace(say(language, key), "")
    return [found[0] for found in SENDS[language].finditer(_with_ways(language, text))]


def in_slack(language: Language, drawn: object) -> Iterator[str]:
    """The same of what Slack is given: links count, and addresses where nothing can be a link."""
    for node in nodes(drawn):
        if "fields" in node:
            yield from _of_facts(language, [_said(field) for field in node["fields"]])
        elif node.get("type") == "rich_text_section":
            yield from sends(language, "".join(map(_run, node["elements"])))
        elif node.get("type") in {"plain_text", "mrkdwn"}:
            yield from sends(language, _said(node))


def _of_facts(language: Language, said: list[str]) -> Iterator[str]:
    """Facts are read as people read them: what it is, and then what it says, whether that can be pressed or not."""
    for label, value in pairwise(said):
        yield from sends(language, f"{label}: {value}")


def _said(node: dict[str, str]) -> str:
    return _MRKDWN_LINKS.sub(WAY, node["text"])


def in_html(language: Language, page: str) -> list[str]:
    """The same of HTML."""
    return sends(language, unescape(_TAGS.sub("", _LINKS.sub(WAY, page.replace("</th>", ": ")))))


async def on_page(response: httpx.Response) -> None:
    """A hook of a browser: every page that is answered with says how customer service is reached, as links."""
    await response.aread()
    if response.headers.get("content-type", "").startswith("text/html"):
        language = Language(response.headers.get("content-language", Language.SV))
        assert in_html(language, response.text) == []
        assert (
            all(f'<a href="{address}">' in response.text for _, address in CONTACT.ways)
            or "<footer" not in response.text
        )


def _run(run: dict[str, str]) -> str:
    return WAY if run["type"] == "link" and run["url"] in dict(map(reversed, CONTACT.ways)) else run["text"]


def _with_ways(language: Language, text: str) -> str:
    name, ways = say(language, "contact.name"), [shown for shown, _ in CONTACT.ways]
    for said in (f"{name} ({ways[0]})", f"{name}: {', '.join(ways)}", f"{name}: {', '.join(WAY for _ in ways)}"):
        text = text.replace(said, WAY)
    return text
