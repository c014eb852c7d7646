"""Looks at the register: is there anything to order, and anybody who takes care of what is ordered?"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.cli.doctor.examined import Examined, well, wrong
from core.api import ROLES_OF, Part
from core.storage.cases.alarms import holders
from core.storage.database.database import Database
from core.storage.register.register_reads import is_anything_offered


async def look_at_register(database: Database, at: datetime) -> Sequence[Examined]:
    """Say what is missing without which nobody can do anything: a new database has neither."""
    missing = await database.read(lambda connection: list(_missing(connection, at)))
    return [wrong(f"doctor.register.{what}") for what in missing] or [well("doctor.register.well")]


def _missing(connection: Connection, at: datetime) -> Iterator[str]:
    if not holders(connection, ROLES_OF[Part.CUSTOMER_SERVICE], at):
        yield "no_customer_service"
    if not is_anything_offered(connection):
        yield "no_offer"
