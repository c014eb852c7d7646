"""Where the page behind a personal link answers."""

from core.api import Language, Purpose

PATHS: dict[Purpose, str] = {Purpose.DECIDE: "/d", Purpose.FOLLOW: "/a", Purpose.SIGN: "/s", Purpose.READ: "/l"}


# The page about an account, behind the link of a mail that tells of it.
ACCOUNT = "/k"


def page_of(purpose: Purpose, token: str) -> str:
    """The path of the page that a token opens."""
    return f"{PATHS[purpose]}/{token}"


def link_to(url: str, purpose: Purpose, token: str, language: Language) -> str:
    """The whole address, in a language; `url` is where the pages of this product answer."""
    return f"{url}{page_of(purpose, token)}?lang={language}"


def link_to_account(url: str, token: str, language: Language) -> str:
    """The same, of the page about an account."""
    return f"{url}{ACCOUNT}/{token}?lang={language}"
