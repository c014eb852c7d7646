"""Draws a page in its reader's language, from a template, the catalogue of texts and the values it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.web.addresses import asked_language, languages, staying
from bot.web.problems import VisitProblem, problem_at
from bot.web.publisher import Publisher
from core.api import Language, OrderError, Person, TryAgain, language_for
from notifications.render.surfaces.html import words
from notifications.texts import clock, counted, day, say, when


class PageWords(Protocol):
    """Puts refusals into words."""

    async def refusal(self, language: Language, code: str, facts: Mapping[str, object]) -> str:
        """Return the sentence of a refusal, ids replaced by names."""
        ...


def _environment() -> Environment:
    # Every file here is HTML, whatever its name: nothing is filled in that is not escaped.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


TEMPLATES = _environment()


@dataclass(frozen=True)
class Pages:
    """Draws pages. `prefers` tells the language from the text of an Accept-Language header, None where it names none of
    ours; `status_of` the HTTP status of a refusal.
    """

    prefers: Callable[[str], Language | None]
    status_of: Callable[[type[OrderError]], HTTPStatus]
    words: PageWords
    publisher: Publisher = field(default_factory=Publisher)

    def language(self, request: Request) -> Language:
        """Return the language asked for by ?lang=, else the one to speak to the visitor in, else Swedish."""
        asked = asked_language(request)
        return asked or language_for(getattr(request.state, "person", None), self.preferred(request), Language.SV)

    def preferred(self, request: Request) -> Language | None:
        """Return the language asked for by ?lang=, else the one that the browser prefers of ours, None for others."""
        return asked_language(request) or self.prefers(request.headers.get("accept-language", ""))

    def show(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page. Its template gets `values`, the language, and the functions that put keys and times into words."""
        language = self.language(request)
        drawn = TEMPLATES.get_template(template).render(
            language=language.value,
            languages=languages(request, language),
            publisher=self.publisher,
            to=partial(staying, request),
            asked_language=asked_language(request),
            t=partial(_said, language),
            plain=partial(say, language),
            linked=_linked,
            counted=partial(counted, language),
            day=partial(day, language),
            clock=partial(clock, language),
            when=partial(when, language),
            **values,
        )
        return HTMLResponse(drawn, status, {"Content-Language": language.value, "Vary": "Accept-Language"})

    def problem(self, request: Request, problem: VisitProblem, status: HTTPStatus | None = None) -> HTMLResponse:
        """Return the page of something that went wrong on the way, and what to do about it."""
        area = f"web.problem.{problem.name.lower()}"
        sentence = say(self.language(request), f"{area}.body")
        return self._problem(request, problem, f"{area}.title", sentence, status)

    async def refused(self, request: Request, refusal: OrderError) -> HTMLResponse:
        """Return the page of a "no" of the core: its own sentence below a title."""
        if isinstance(refusal, TryAgain) and request.method == "GET":
            # What was pressed may have been saved, and have led here.
            return self.problem(request, VisitProblem.FAILED, HTTPStatus.SERVICE_UNAVAILABLE)
        sentence = await self.words.refusal(self.language(request), refusal.code, refusal.facts)
        problem = problem_at(self.status_of(type(refusal)), otherwise=VisitProblem.CONFLICT)
        return self._problem(request, problem, f"web.problem.{problem.name.lower()}.title", sentence)

    def _problem(
        self, request: Request, problem: VisitProblem, title: str, sentence: str, status: HTTPStatus | None = None
    ) -> HTMLResponse:
        shown = {"title": title, "sentence": sentence, "name": problem.name}
        return self.show(request, "problem.html", status or problem.value, **shown)


def speak(request: Request, person: Person) -> None:
    """Let the pages that answer a visit speak the language of whoever visits, unless another is asked for."""
    request.state.person = person


def _said(language: Language, key: str, **values: object) -> Markup:
    return _linked(say(language, key, **values))


def _linked(sentence: str) -> Markup:
    """Return a sentence with the contact as a link; whatever it is filled with is literal."""
    return Markup(words(sentence))  # noqa: S704 - what is written there is escaped where it is drawn
