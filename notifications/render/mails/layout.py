"""A card as a mail: subject, text and HTML, and a link in the place of its buttons."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape

from core.api import Language
from notifications.render.model import CardMessage
from notifications.render.pieces.parts import on_one_line
from notifications.render.surfaces.html import as_html, words
from notifications.render.surfaces.text import as_text
from notifications.texts import say, when

SUBJECT_LIMIT = 120
# Mail programs take little more than this, and show the mail well without it.
STYLE = (
    "body{font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;margin:0;padding:16px}"
    "main{max-width:40em;margin:0 auto}h1{font-size:20px;margin:0 0 12px}table.facts{border-collapse:collapse}"
    "table.facts th{padding-right:16px}blockquote{margin:8px 0;padding-left:12px;border-left:4px solid #767676}"
    "a.act{display:inline-block;padding:12px 20px;background:#003b5c;color:#fff;text-decoration:none;border-radius:4px}"
    "small{color:#4a4a4a}img{max-width:100%;height:auto}"
)


@dataclass(frozen=True)
class Enclosed:
    """What a mail holds beside its card: whom it is to, and a personal link with what it says and until when.

    `footer` is the key of why the reader gets it, `about_link` of what is said below the link; `number` is that of the
    case, empty where there is none. `web` is where its reader signs in on the web, empty where the mail does not say.
    """

    name: str | None = None
    footer: str = "mail.footer"
    number: str = ""
    link: str = ""
    label: str = ""
    expires_at: datetime | None = None
    about_link: str = "mail.personal"
    web: str = ""


@dataclass(frozen=True)
class Paper:
    """A mail as it is read."""

    subject: str
    text: str
    html: str


def draw_mail(card: CardMessage, enclosed: Enclosed, language: Language) -> Paper:
    """Return a card as it is drawn for its reader, as a mail in the same language."""
    subject = _subject(card.text, enclosed.number, language)
    hello = say(language, "mail.hello", name=on_one_line(enclosed.name)) if enclosed.name else ""
    footer = [say(language, enclosed.footer), say(language, "mail.no_reply")]
    to_web = say(language, "mail.web")
    web_text = [f"{to_web}:\n{enclosed.web}"] if enclosed.web else []
    web_html = [f'<p><a href="{escape(enclosed.web)}">{escape(to_web)}</a></p>'] if enclosed.web else []
    text = [hello, as_text(card.blocks), *web_text, *_link_text(enclosed, language), "-- ", *footer]
    html = [_paragraph(hello), as_html(card.blocks), *web_html, *_link_html(enclosed, language), "<hr>"]
    html += map(_small, footer)
    body = "\n\n".join(filter(None, text)).replace("-- \n\n", "-- \n") + "\n"
    return Paper(subject, body, _page(subject, "\n".join(filter(None, html)), language))


def _subject(text: str, number: str, language: Language) -> str:
    """Return what the card says in a line, with the case's number where that does not name it."""
    short = on_one_line(text, SUBJECT_LIMIT)
    if number in short:
        return short
    around = say(language, "mail.subject", text="", number=number)
    return say(language, "mail.subject", text=on_one_line(text, SUBJECT_LIMIT - len(around)), number=number)


def _link_text(enclosed: Enclosed, language: Language) -> list[str]:
    if not enclosed.link:
        return []
    return [f"{say(language, enclosed.label)}:\n{enclosed.link}", *_about_link(enclosed, language)]


def _link_html(enclosed: Enclosed, language: Language) -> list[str]:
    if not enclosed.link:
        return []
    act = f'<p><a class="act" href="{escape(enclosed.link)}">{escape(say(language, enclosed.label))}</a></p>'
    return [act, *(_small(each) for each in _about_link(enclosed, language))]


def _about_link(enclosed: Enclosed, language: Language) -> list[str]:
    ends = enclosed.expires_at
    until = [] if ends is None else [say(language, "mail.until", at=when(language, ends))]
    return [" ".join([*until, say(language, enclosed.about_link)])]


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _small(text: str) -> str:
    return f"<p><small>{words(text)}</small></p>"


def _page(subject: str, body: str, language: Language) -> str:
    title = escape(re.sub(r"\s+", " ", subject))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )
