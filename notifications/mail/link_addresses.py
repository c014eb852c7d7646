"""Addresses of the pages behind personal links."""

from core.api import Language, Purpose

PATHS: dict[Purpose, str] = {
    Purpose.DECIDE: "/d",
    Purpose.FOLLOW: "/a",
    Purpose.SIGN: "/s",
    Purpose.READ: "/l",
    Purpose.FETCH: "/f",
}


# The page about an account, behind the link of a mail that tells of it.
ACCOUNT = "/k"
# Where somebody of the register signs in, to work on the web.
SIGN_IN = "/logga-in"
# Where an administrator begins to install the app in the organisation's Slack, and where Slack leads back to.
INSTALL = "/n"
INSTALLED = "/slack/installed"
# Where the pictures of messages lie.
PICTURE = "/b"


def page_of(purpose: Purpose, token: str) -> str:
    """Return the path of the page that a token opens."""
    return f"{PATHS[purpose]}/{token}"


def link_to(url: str, purpose: Purpose, token: str, language: Language) -> str:
    """Return the whole address, in a language; `url` is where the pages of this product answer."""
    return f"{url}{page_of(purpose, token)}?lang={language}"


def link_to_account(url: str, token: str, language: Language) -> str:
    """Return the whole address of the page about an account, in a language."""
    return f"{url}{ACCOUNT}/{token}?lang={language}"


def link_to_sign_in(url: str, language: Language) -> str:
    """Return the whole address of the page to sign in on, in a language."""
    return f"{url}{SIGN_IN}?lang={language}"


def link_to_install(url: str, token: str) -> str:
    """Return the whole address by which an administrator installs the app, in the language of the browser."""
    return f"{url}{INSTALL}/{token}"


def link_to_picture(url: str, token: str) -> str:
    """Return the whole address of a picture, as programs know one."""
    return f"{url}{PICTURE}/{token}.png"
