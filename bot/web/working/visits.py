"""Who works on the pages, what follows what they do, and where links and forms of theirs lead."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from fastapi import Request

from bot.acts.press import meaning_of
from bot.server.background import CaseFollowUp
from bot.views.orders.details import DetailsModal
from bot.web.addresses import SAID
from bot.web.signing_in.visitors import SignedIn
from core.api import (
    Asking,
    Assurance,
    CaseAdvanced,
    CaseId,
    CaseList,
    InboxQuery,
    Language,
    OrganisationId,
    Sorting,
    Surface,
)
from notifications.render.button_values import Pointer

HOME, SHOW, DO, CASE = "/arbete", "/arbete/visa", "/arbete/gor", "/arbete/arende"
# What every link and form carries: what is done, with which value, and in which view it stands. Their names begin as no
# question's does: a form may well ask for a name.
ACT, VALUE, NAME, ABOUT, BACK, KEY = "_act", "_value", "_name", "_about", "_back", "_key"
DRAWN_BY, DOES_FIELD, WAS = "_drawn_by", "_do", "_was."
# Whose a form is, and that whoever it is kept for wants to go on.
WHOSE, KEPT = "_whose", "_kept"
# Before the name of a menu: what is sought among too much to list.
SEEK = "_seek."
LONGEST = 4_000
END = "."


@dataclass(frozen=True)
class PagePresser:
    """A person who is signed in. Implements `bot.acts.people.Presser`."""

    account: Asking
    language: Language
    signed_in: Assurance | None

    @property
    def surface(self) -> Surface:
        """Return where it acts."""
        return Surface.WEB

    @property
    def page_language(self) -> Language:
        """Return the language of the page."""
        return self.language

    @classmethod
    def of(cls, visitor: SignedIn, language: Language) -> "PagePresser":
        """Return whoever is signed in, reading in a language."""
        return cls(visitor.person.asking, language, visitor.assurance)


@dataclass(frozen=True)
class PageFollowing:
    """Lets what is done on a page be seen on cards. Implements `bot.acts.press.Following`: a page shows itself anew."""

    follow_up: CaseFollowUp

    def follow_press(self, by: PagePresser, pointer: Pointer, place: object, done: CaseAdvanced) -> None:  # noqa: ARG002 - one signature
        """Let every card of the case be repainted."""
        self.follow_up.repaint_cards(done)

    def adopt_unknown(self, pointer: Pointer, place: object, known: object) -> None:
        """Do nothing: no message was pressed."""

    def accounts_changed(self, by: PagePresser) -> None:  # noqa: ARG002 - one signature
        """Let what waits come to whom it is for."""
        self.follow_up.wake()

    def register_changed(self, by: PagePresser) -> None:
        """Let those concerned hear, and look at who is asked anew."""
        self.follow_up.wake()
        self.rights_changed(by)

    def rights_changed(self, by: PagePresser) -> None:  # noqa: ARG002 - one signature
        """Look at who is asked anew."""
        self.follow_up.look_again_beside()

    def redraw(self, by: PagePresser) -> None:
        """Do nothing: the page that is shown next is new."""


@dataclass(frozen=True)
class Place:
    """Where an element stands: in which view, what that is about, and where one comes back to."""

    name: str = ""
    about: str = ""
    back: str = HOME

    def fields(self, act: str, value: str) -> Mapping[str, str]:
        """Return what a link or a form carries that stands here."""
        return {ACT: act, VALUE: value, NAME: self.name, ABOUT: carried(self.about), BACK: self.back}

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Place":
        """Return where a link or a form stands."""
        about = values.get(ABOUT, "").removesuffix(END)
        return cls(values.get(NAME, ""), about, own_back(values.get(BACK, HOME)))


def carried(about: str) -> str:
    """Return what a view is about so that it comes back whole, with empty lines at its end."""
    return f"{about}{END}" if about else ""


def link_to(act: str, value: str, place: Place) -> str:
    """Return where a link leads that does an act; a case has an address of its own."""
    meant = meaning_of(act, value)
    if meant.action_id == DetailsModal.CALLBACK and meant.pointer is not None and meant.pointer.case:
        return case_at(meant.pointer.case)
    return f"{SHOW}?{urlencode({name: said for name, said in place.fields(act, value).items() if said})}"


def case_at(case: CaseId) -> str:
    """Return the address of a case."""
    return f"{CASE}/{case}"


def own_back(address: str) -> str:
    """Return where one comes back to, if that is a page of one's work; else its beginning."""
    is_plain = address.isascii() and address.isprintable() and " " not in address and "\\" not in address
    is_ours = address == HOME or address.startswith((f"{HOME}/", f"{HOME}?"))
    return address if is_plain and is_ours and len(address) <= LONGEST else HOME


def sought_for(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is sought in which menus, by their action ids."""
    return {name.removeprefix(SEEK): said.strip() for name, said in values.items() if name.startswith(SEEK)}


def list_at(query: InboxQuery) -> str:
    """Return the address of a page of a list."""
    asked = {
        "list": query.list.value,
        "sorting": query.sorting.value,
        "page": str(query.page) if query.page else "",
        "organisation": query.organisation or "",
        "service": query.service or "",
    }
    return f"{HOME}?{urlencode({name: said for name, said in asked.items() if said})}"


def list_asked(request: Request) -> InboxQuery:
    """Return which page of which list an address asks for; the first of what waits where it asks for none that is."""
    asked = request.query_params
    page = asked.get("page", "")
    try:
        return InboxQuery(
            CaseList(asked.get("list", InboxQuery().list)),
            Sorting(asked.get("sorting", InboxQuery().sorting)),
            int(page) if page.isdecimal() and len(page) < 6 else 0,
            OrganisationId(asked["organisation"]) if asked.get("organisation") else None,
            asked.get("service") or None,
        )
    except ValueError:
        return InboxQuery()


def saying(address: str, sentence: str, visitor: SignedIn) -> str:
    """Return an address that says a sentence at its top, to this session alone."""
    sealed = urlsafe_b64encode(json.dumps([_mark(sentence, visitor), sentence]).encode()).decode()
    return f"{address}{'&' if '?' in address else '?'}{urlencode({SAID: sealed})}"


def said_at(request: Request, visitor: SignedIn) -> str:
    """Return what an address says, if it was made for this session; else nothing."""
    try:
        mark, sentence = json.loads(urlsafe_b64decode(request.query_params.get(SAID, "")))
    except (ValueError, TypeError):
        return ""
    is_ours = isinstance(mark, str) and isinstance(sentence, str) and mark.isascii()
    return sentence if is_ours and hmac.compare_digest(mark, _mark(sentence, visitor)) else ""


def _mark(sentence: str, visitor: SignedIn) -> str:
    return hmac.new(visitor.form_token.encode(), sentence.encode(), sha256).hexdigest()[:32]
