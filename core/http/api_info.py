"""What the API is, as Sweden's national REST API profile (VER.06) asks every API to say at `api-info`."""

from datetime import date
from enum import StrEnum

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.http.problems import documented_openly

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
