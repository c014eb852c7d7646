"""Links inside the site: a language that was chosen stays chosen, without a cookie."""

from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from fastapi import Request

from core.api import AgreementType, Language
from notifications.mail.link_addresses import SIGN_IN

# Where whoever has come to an end can always go on: an address, and the key of what it is called.
START_LINK = ("/", "web.way.start")
# What an address says beside what its page is about: the language, where it leads on to, and what was done.
LANG, NEXT, SAID = "lang", "next", "said"
# What is good for one visit: what was done, and Slack's answer to whoever installs the app.
ONCE = frozenset({SAID, "code", "state"})
# Where each agreement is applied for.
FORMS = {AgreementType.KUNDAVTAL: "/ansok", AgreementType.AGENTAVTAL: "/ansok/agent"}


class Choice(NamedTuple):
    """A language to switch to, and where."""

    code: str
    address: str
    chosen: bool


def asked_language(request: Request) -> Language | None:
    """Return the language that the address asks for, None where it asks for none of ours."""
    asked = request.query_params.get(LANG)
    return Language(asked) if asked in set(Language) else None


def staying(request: Request, address: str) -> str:
    """Return an address of ours, with the language if one was chosen; another's as it is."""
    asked = asked_language(request)
    if asked is None or not address.startswith("/"):
        return address
    query = urlsplit(address).query
    if LANG in parse_qs(query):
        return address
    return f"{address}{'&' if query else '?'}{LANG}={asked.value}"


def led_on(request: Request) -> str:
    """Return where this page leads on to, in the language that it is asked for in; nothing where it leads nowhere."""
    then, asked = own_address(request.query_params.get(NEXT, "")), asked_language(request)
    if not then or asked is None:
        return then
    parts = urlsplit(then)
    # What else it says stays as it is written.
    kept = [piece for piece in parts.query.split("&") if piece and piece.partition("=")[0] != LANG]
    return own_address(parts._replace(query="&".join([*kept, f"{LANG}={asked.value}"])).geturl()) or then


LONGEST_ADDRESS = 500


def to_sign_in(request: Request, back: str = "") -> str:
    """Return where to sign in, and be led back from: to this page, or to another that is named."""
    query = f"?{request.url.query}" if request.url.query else ""
    return leading_to(staying(request, SIGN_IN), back or request.url.path + query)


def leading_to(address: str, then: str) -> str:
    """Return an address of ours with where it is to lead on to; nothing leads on to nowhere."""
    return f"{address}{'&' if '?' in address else '?'}next={quote(then, safe='')}" if then else address


def own_address(text: str) -> str:
    """Return an address that somebody is to be led to, where it is a path of this site; else nothing.

    Browsers read "\\" as "/", and overlook what cannot be seen: what holds either is no path of ours.
    """
    is_plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= LONGEST_ADDRESS
    return text if is_plain and is_path and not urlsplit(text).netloc else ""


def languages(request: Request, now: Language) -> list[Choice]:
    """This same page in every language, about the same and leading on to where it does."""
    asked = request.query_params
    kept = urlencode([(name, value) for name, value in asked.multi_items() if name not in {LANG, NEXT} | ONCE])
    then = own_address(asked.get(NEXT, ""))
    # Without the path: one that begins with two slashes would name another host.
    here = f"?{kept}&" if kept else "?"
    return [Choice(each.value, leading_to(f"{here}{LANG}={each.value}", then), each is now) for each in Language]
