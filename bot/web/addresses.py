"""Links inside the site: a language that was chosen stays chosen, without a cookie."""

from typing import NamedTuple

from fastapi import Request

from core.api import Language


class Choice(NamedTuple):
    """A language to switch to, and where."""

    code: str
    address: str
    chosen: bool


def staying(request: Request, path: str) -> str:
    """Return a path of ours, with the language if one was chosen."""
    asked = request.query_params.get("lang")
    return f"{path}?lang={asked}" if asked in set(Language) else path


def languages(now: Language) -> list[Choice]:
    """This same page in every language."""
    # Without the path: one that begins with two slashes would name another host.
    return [Choice(each.value, f"?lang={each.value}", each is now) for each in Language]
