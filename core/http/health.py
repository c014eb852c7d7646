"""Whether the process runs, and whether it can do its work."""

import logging

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from core import migrations
from core.storage.database import Database

log = logging.getLogger(__name__)


class Health(BaseModel):
    """A sign of life."""

    status: str = Field(description="ok, or what is the matter: database, migrations.")


def health(database: Database) -> APIRouter:
    """`/healthz` answers while the process runs; `/readyz` when the database answers at the newest schema, else 503."""
    routes = APIRouter(tags=["Health"])

    @routes.get("/healthz")
    async def healthz() -> Health:
        """The process runs."""
        return Health(status="ok")

    @routes.get("/readyz", responses={503: {"model": Health}})
    async def readyz(response: Response) -> Health:
        """The database answers and has every table that this version needs."""
        status = await _state(database)
        response.status_code = 200 if status == "ok" else 503
        return Health(status=status)

    return routes


async def _state(database: Database) -> str:
    try:
        current = await database.read(migrations.is_current)
    except (SQLAlchemyError, OSError) as error:
        log.warning("database_unreachable error=%s", type(error).__name__)
        return "database"
    return "ok" if current else "migrations"
