"""What the OpenAPI document says beside the routes: whom to ask, the licence, and what every answer brings along."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.http.problems import (
    MEDIA_TYPE,
    FieldProblem,
    Problem,
    documented_openly,
    refused_with,
)
from core.http.statuses import TooLarge, UnsupportedMediaType

CONTACT = {"name": "Ineras kundservice", "url": "https://www.inera.se/kontakta-oss/"}
LICENCE = {"name": "MIT License", "identifier": "MIT"}

# What headers hold, by their names, and one such value.
HEADERS = {
    "Accept": ("What a body may be.", "application/json"),
    "Allow": ("The methods that the address takes.", "GET, HEAD, POST"),
    "Cache-Control": ("How long a copy may be kept: none is.", "no-store"),
    "Content-Language": ("The language of the sentences.", "sv"),
    "Content-Disposition": ("The name of the file.", 'inline; filename="kundavtal.pdf"'),
    "Location": ("The address of what was made.", "/api/v1/orders/B-7GKX2QP"),
    "Retry-After": ("How many seconds to wait.", "30"),
    "Content-Security-Policy": ("Draw the answer in no frame.", "base-uri 'none'; frame-ancestors 'none'"),
    "Strict-Transport-Security": ("Come back encrypted; said over https alone.", "max-age=31536000"),
    "Vary": ("The header of the request that decided the language.", "Accept-Language"),
    "WWW-Authenticate": ("How to bring a key.", "Bearer"),
    "X-Content-Type-Options": ("Take the answer for what it says it is.", "nosniff"),
}
NOT_ALWAYS = frozenset({"Strict-Transport-Security"})
WITH_EVERYTHING = ("Cache-Control", "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options")
WITH_PROBLEMS = ("Content-Language", "Vary")
WITH_STATUS = {"401": "WWW-Authenticate", "405": "Allow", "415": "Accept", "429": "Retry-After"}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with all of this, where a refusal stands once, however many operations give it.

    Said anew at each they were two thirds of it, which a browser has to read before it shows anything. It may be
    completed again.
    """
    components = document.setdefault("components", {})
    shared = components.setdefault("responses", {})
    components.setdefault("schemas", {}).update({model.__name__: _schema(model) for model in (Problem, FieldProblem)})
    components["headers"] = {name: _header(name) for name in HEADERS}
    for operation in _operations(document):
        if "requestBody" in operation:
            operation["responses"] |= {
                str(key): each for key, each in refused_with(TooLarge, UnsupportedMediaType).items()
            }
        operation["responses"] = dict(sorted(operation["responses"].items()))
        for status, response in operation["responses"].items():
            if "$ref" in response:
                continue
            response["headers"] = {name: _reference("headers", name) for name in _headers_of(status, response)}
            if _is_problem(response):
                name = "-".join([status, *re.findall(r"`(\w+)`", response["description"])])
                shared[name] = response
                operation["responses"][status] = _reference("responses", name)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _headers_of(status: str, response: dict[str, Any]) -> list[str]:
    is_problem = _is_problem(response)
    own = [WITH_STATUS[status]] if is_problem and status in WITH_STATUS else []
    return sorted({*response.get("headers", ()), *WITH_EVERYTHING, *(WITH_PROBLEMS if is_problem else ()), *own})


def _is_problem(response: dict[str, Any]) -> bool:
    return MEDIA_TYPE in response.get("content", {})


def _schema(model: type[Problem] | type[FieldProblem]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


def _header(name: str) -> dict[str, Any]:
    description, example = HEADERS[name]
    schema = {"type": "string", "examples": [example]}
    return {"description": description, "required": name not in NOT_ALWAYS, "schema": schema}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


NAME = "Kundportal"
# MAJOR.MINOR.PATCH of what is promised over HTTP, not of the product; the address holds the first of them.
VERSION = "1.0.0"
RELEASED = date(2026, 11, 27)

routes = APIRouter(tags=["About"])


class ApiStatus(StrEnum):
    """How far along an API is, in the profile's words."""

    ALPHA = "alpha"
    BETA = "beta"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    DECOMMISSIONED = "decommissioned"


class ApiInfo(BaseModel):
    """The API in short; the names are the profile's."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    api_name: str = Field(description="The name of the API.", examples=[NAME])
    api_version: str = Field(description="Its version, MAJOR.MINOR.PATCH.", examples=[VERSION])
    api_released: date = Field(description="The day this version was released.")
    api_documentation: str = Field(description="The address of its description, for people.")
    api_status: ApiStatus = Field(description="How far along it is.")


@routes.get("/api-info", summary="What the API is", responses=documented_openly())
async def api_info(request: Request) -> ApiInfo:
    """Says which API and version this is. No key is needed."""
    return ApiInfo(
        api_name=NAME,
        api_version=VERSION,
        api_released=RELEASED,
        api_documentation=str(request.url.replace(path=f"{request.scope['root_path']}/docs", query="")),
        api_status=ApiStatus.ACTIVE,
    )
