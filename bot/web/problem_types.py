"""What a problem of the HTTP API means, at the address that its `type` is: a page for people, JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.routing import Route

from bot.forms.refusal_sentences import refusal
from bot.web.pages import Pages
from bot.web.problems import Hindered, VisitProblem
from core.api import Language, OrderError

PATH = "/problems/{code}"


@dataclass(frozen=True)
class ProblemTypes:
    """Says of every refusal there is what it means in general and what one can do. Nothing is told of any case."""

    pages: Pages

    def routes(self) -> Sequence[Route]:
        """Return the addresses."""
        return [Route(PATH, self.show)]

    async def show(self, request: Request) -> Response:
        """Return one problem. Raises Hindered where there is none of that name."""
        code = request.path_params["code"]
        refused = by_code().get(code)
        if refused is None:
            raise Hindered(VisitProblem.NOT_FOUND)
        language, status = self.pages.language(request), self.pages.status_of(refused)
        sentence, title = in_general(language, code), f"{status.value} {status.phrase}"
        if "text/html" in request.headers.get("accept", ""):
            response: Response = self.pages.show(
                request, "problem_type.html", code=code, answered=title, sentence=sentence
            )
        else:
            told = {"type": request.url.path, "code": code, "status": status.value, "title": status.phrase}
            response = JSONResponse(told | {"detail": sentence}, headers={"Content-Language": language.value})
        response.headers["Vary"] = "Accept, Accept-Language"
        return response


def by_code() -> Mapping[str, type[OrderError]]:
    """Return every refusal there is by its code."""
    return {refused.code: refused for refused in _below(OrderError)}


def in_general(language: Language, code: str) -> str:
    """Return the sentence of a refusal, said of nobody by name."""
    return refusal(language, code, {})


def _below(refused: type[OrderError]) -> Iterator[type[OrderError]]:
    for each in refused.__subclasses__():
        yield each
        yield from _below(each)
