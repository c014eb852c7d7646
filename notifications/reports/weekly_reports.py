"""Weekly reports: made once for each week, by whichever process comes first, and owed to those who are to read them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from core.api import (
    CardId,
    NewId,
    Now,
    OrganisationId,
    Part,
    PersonId,
    Side,
    Weeks,
    WeekView,
    report_id,
    week_due,
)
from core.storage.tables import cards, role_assignments, weekly_reports
from notifications.cards.card import REPAINT, owed
from notifications.cards.week_notes import reads_weeks, week_to_json
from notifications.database import Transactions, put_if_missing
from notifications.rules.announcements import CardKind

# As whom somebody reads of a week, by the side of what is told.
READERS = {
    Side.CUSTOMER: Part.CUSTOMER_ADMINISTRATOR,
    Side.AGENT: Part.AGENT_ADMINISTRATOR,
    Side.INERA: Part.CUSTOMER_SERVICE,
}
Known = Mapping[OrganisationId | None, WeekView]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WeeklyReports:
    """Makes the reports of the week that ended, once its time has come. Several may run at once.

    Only the last week is told of, however long nobody was here.
    """

    database: Transactions
    weeks: Weeks
    now: Now
    new_id: NewId

    async def run(self) -> int:
        """Owe the cards of a week that is due and not told of yet; how many. Wake the relay."""
        at = self.now()
        first_day = week_due(at)
        if first_day is None or await self._is_told(first_day):
            return 0
        weeks = await self.weeks.week(first_day, at)
        made = await self.database.write(lambda connection: self._tell(connection, first_day, weeks, at))
        if made is None:
            return 0
        log.info("week_told week=%s cards=%s", report_id(first_day), made)
        return made

    async def _is_told(self, first_day: date) -> bool:
        told = select(weekly_reports.c.id).where(weekly_reports.c.id == report_id(first_day))
        return await self.database.read(lambda connection: connection.execute(told).first() is not None)

    def _tell(self, connection: Connection, first_day: date, weeks: Known, at: datetime) -> int | None:
        # The report on everything is the claim: it is made where there is nothing to tell too.
        if not put_if_missing(connection, weekly_reports, _stored(first_day, None, weeks.get(None), at)):
            return None
        administrators = _administrators(connection, at)
        told = {reader: week for reader, week in weeks.items() if week.has_news and reader in administrators}
        owing = [
            self._card(week.side, report_id(first_day, reader), person, at)
            for reader, week in told.items()
            for person in administrators[reader]
        ]
        if of_organisations := [_stored(first_day, reader, week, at) for reader, week in told.items() if reader]:
            connection.execute(insert(weekly_reports), of_organisations)
        if owing:
            connection.execute(insert(cards), owing)
        return len(owing)

    def _card(self, side: Side, about: str, person: PersonId | None, at: datetime) -> dict[str, object]:
        # Whatever asks somebody goes first.
        more = {"person_id": person, "about": about, "priority": REPAINT}
        return owed(CardId(self.new_id("C")), CardKind.WEEKLY_REPORT, READERS[side], at, **more)


def _stored(first_day: date, reader: OrganisationId | None, week: WeekView | None, at: datetime) -> dict[str, object]:
    content = "" if week is None else week_to_json(week)
    return {"id": report_id(first_day, reader), "organisation_id": reader, "content": content, "made_at": at}


def _administrators(connection: Connection, at: datetime) -> Mapping[OrganisationId | None, Sequence[PersonId | None]]:
    """Find who reads of each organisation: its administrators; of everything customer service's channel does."""
    held = role_assignments.c
    query = select(held.organisation_id, held.person_id).distinct().where(reads_weeks(at))
    found: dict[OrganisationId | None, list[PersonId | None]] = {None: [None]}
    for organisation, person in connection.execute(query):
        found.setdefault(organisation, []).append(person)
    return found
