"""Every error of the API as a problem document (RFC 9457), in the reader's language."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Protocol, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from core.http.bodies.field_types import PARTS, TEXT
from core.http.preferences import preferred
from core.http.statuses import (
    Failed,
    InvalidRequest,
    MethodNotAllowed,
    NoSuchRoute,
    NotAcceptable,
    TooLarge,
    TooManyRefused,
    Unauthorized,
    UnsupportedMediaType,
    status_of,
)
from core.register.entries import problem_code
from core.shared.errors import (
    FormError,
    KeyExpired,
    OrderError,
    PersonalNumber,
    PersonInactive,
    RegisterError,
    TryAgain,
    Unsure,
)
from core.shared.vocabulary import Language

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
JSON = Mapping[str, Any]


class ProblemWords(Protocol):
    """Finds sentences; the core holds none."""

    async def refusal(self, language: Language, code: str, facts: Mapping[str, object]) -> str:
        """The sentence of a refusal. `facts` are those of `core.shared.errors`: ids, enum values and times."""
        ...

    def field(self, language: Language, field: str, code: str) -> str:
        """What is wrong with a field."""
        ...


class FieldProblem(BaseModel):
    """What is wrong with one part of the request: exactly one of pointer, parameter and header says which."""

    pointer: str | None = Field(
        default=None,
        description="Where in the body, as a JSON Pointer (RFC 6901); empty for the whole body.",
        examples=["/units/0/hsa_id"],
    )
    parameter: str | None = Field(default=None, description="The query or path parameter.", examples=["limit"])
    header: str | None = Field(default=None, description="The header.", examples=["Idempotency-Key"])
    code: str = Field(description="What is wrong, for programs.", examples=["hsa_id"])
    detail: str = Field(description="What is wrong, in the reader's language.")


class Problem(BaseModel):
    """A problem document as in RFC 9457."""

    type: str = Field(description="A stable address that names the problem.", examples=["/problems/no_attestant"])
    title: str = Field(description="The status in words.", examples=["Conflict"])
    status: int = Field(description="The HTTP status code.", ge=400, le=599, examples=[409])
    detail: str = Field(description="What is the matter and what to do, in the language that Accept-Language asks for.")
    code: str = Field(description="The last part of `type`, for programs.", examples=["no_attestant"])
    case: str | None = Field(default=None, description="The order that the problem is about.", examples=["B-7GKX2QP"])
    errors: list[FieldProblem] | None = Field(default=None, description="The parts of the request that are wrong.")


# What any address may refuse with, also one that asks for no key.
OPENLY = (MethodNotAllowed, NotAcceptable, Failed)
# What any route may refuse with: it asks for a key, whose person may have left, for words of the right form, and for a
# turn at the database.
EVERYWHERE = (*OPENLY, Unauthorized, KeyExpired, PersonInactive, TooManyRefused, InvalidRequest, TryAgain, Unsure)
BY_STATUS: dict[int, type[OrderError]] = {
    status_of(refusal): refusal for refusal in (Unauthorized, NoSuchRoute, MethodNotAllowed, TooLarge, InvalidRequest)
}


# What is answered in the place of a refusal.
Answered = Callable[[Request, OrderError], OrderError]


class Problems:
    """Answers every error of an application with a problem document."""

    header: ClassVar[str] = "Accept-Language"

    def __init__(self, words: ProblemWords, routes: Sequence[BaseRoute], answered: Answered) -> None:
        self._words = words
        self._routes = routes
        self._answered = answered

    def answer_for(self, app: FastAPI) -> None:
        """Let an application's errors be answered here."""
        app.add_exception_handler(OrderError, self._refused)
        app.add_exception_handler(RequestValidationError, self._invalid)
        app.add_exception_handler(HTTPException, self._http)
        app.add_exception_handler(Exception, self._failed)

    def answer_elsewhere(self, app: FastAPI) -> None:
        """Let an address that an application does not have be answered here."""
        plain = app.router.default

        async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await plain(scope, receive, send)
                return
            response = await self.document(Request(scope), NoSuchRoute())
            await response(scope, receive, send)

        app.router.default = nowhere

    async def _refused(self, request: Request, error: Exception) -> Response:
        refusal = self._answered(request, cast(OrderError, error))
        language = language_of(request)
        return await self.document(request, refusal, self._fields(language, refusal))

    async def _invalid(self, request: Request, error: Exception) -> Response:
        language = language_of(request)
        found = [self._found(language, each) for each in cast(RequestValidationError, error).errors()]
        return await self.document(request, InvalidRequest(), found)

    async def _http(self, request: Request, error: Exception) -> Response:
        raised = cast(HTTPException, error)
        response = await self.document(request, BY_STATUS.get(raised.status_code, InvalidRequest)())
        response.headers.update(raised.headers or {})
        if raised.status_code == 405:
            response.headers["Allow"] = self._allowed(request)
        return response

    def _allowed(self, request: Request) -> str:
        # Starlette names the methods of the first route at the address only.
        here = (route for route in self._routes if route.matches(request.scope)[0] is not Match.NONE)
        methods = {method for route in here for method in cast(Route, route).methods or ()}
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))

    async def _failed(self, request: Request, error: Exception) -> Response:
        log.error("request_failed method=%s", request.method, exc_info=error)
        return await self.document(request, Failed())

    async def document(
        self, request: Request, refusal: OrderError, fields: Sequence[FieldProblem] | None = None
    ) -> JSONResponse:
        """The problem document of a refusal."""
        language = language_of(request)
        case, status = refusal.facts.get("case"), status_of(type(refusal))
        problem = Problem(
            type=f"/problems/{refusal.code}",
            title=status.phrase,
            status=status,
            detail=await self._words.refusal(language, refusal.code, refusal.facts),
            code=refusal.code,
            case=None if case is None else str(case),
            errors=None if fields is None else list(fields),
        )
        headers = {"Content-Language": language.value, "Vary": self.header}
        if status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        if isinstance(refusal, UnsupportedMediaType):
            headers["Accept"] = "application/json"
        if isinstance(refusal, TooManyRefused):
            headers["Retry-After"] = str(refusal.facts["seconds"])
        content = problem.model_dump(exclude_none=True)
        return JSONResponse(content, status, headers, MEDIA_TYPE)

    def _fields(self, language: Language, refusal: OrderError) -> list[FieldProblem] | None:
        if isinstance(refusal, FormError):
            wrong = cast(Mapping[str, str], refusal.facts["fields"])
            around = (str(refusal.facts["within"]),) if "within" in refusal.facts else ()
            return [self._in_body(language, (*around, *name.split(".")), code) for name, code in wrong.items()]
        if isinstance(refusal, PersonalNumber):
            return [self._in_body(language, (str(refusal.facts["field"]),), refusal.code)]
        if isinstance(refusal, RegisterError):
            # Entries that come many at once are the prices of an offer, where nothing else is said.
            among = str(refusal.facts.get("among", "prices"))
            within = (among, str(refusal.facts["index"])) if "index" in refusal.facts else ()
            path = (*within, str(refusal.facts["field"]))
            return [self._in_body(language, path, str(refusal.facts["problem"]))]
        return None

    def _found(self, language: Language, error: JSON) -> FieldProblem:
        place, *path = (part for part in error["loc"] if part not in {TEXT, PARTS})
        code = "invalid" if error["type"] == "json_invalid" else problem_code(error)
        if place == "body":
            return self._in_body(language, () if error["type"] == "json_invalid" else path, code)
        name = str(path[0]) if path else place
        detail = self._words.field(language, name, code)
        if place == "header":
            return FieldProblem(header=name, code=code, detail=detail)
        return FieldProblem(parameter=name, code=code, detail=detail)

    def _in_body(self, language: Language, path: Sequence[str | int], code: str) -> FieldProblem:
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        return FieldProblem(pointer=pointer, code=code, detail=self._words.field(language, field, code))


def language_of(request: Request) -> Language:
    """The language that a request prefers among ours, else Swedish."""
    return preferred(request.headers.get("accept-language", "")) or Language.SV


def documented(*refusals: type[OrderError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: which statuses and codes a route may refuse with."""
    return refused_with(*refusals, *EVERYWHERE)


def documented_openly() -> dict[int | str, dict[str, Any]]:
    """The same of a route that asks for no key and takes no words."""
    return refused_with(*OPENLY)


def refused_with(*refusals: type[OrderError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` for these refusals alone."""
    codes: dict[int, list[str]] = {}
    for refusal in refusals:
        codes.setdefault(status_of(refusal), []).append(refusal.code)
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": ", ".join(f"`{code}`" for code in sorted(set(names))), "content": {MEDIA_TYPE: schema}}
        for status, names in codes.items()
    }
