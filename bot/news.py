"""What people hear in a direct message beside their cards: that they are somebody's substitute, or no longer."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk import Desk
from core.api import Language, PersonId, Substitution, SubstitutionChanged
from notifications.blocks import escape
from notifications.slack_errors import SlackProblem
from notifications.texts import day, say

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """Messages that are sent once; whoever misses one reads the same on the home tab."""

    desk: Desk

    async def substitution(self, changed: SubstitutionChanged) -> None:
        """Tell the substitute and the absent person, but not whoever did it."""
        found = changed.substitution
        names, _ = await self.desk.queries.names(found.people, [])
        is_over = found.until <= self.desk.now()
        for person in found.people:
            if person != changed.by:
                await self._tell(person, _key(found, person, is_over=is_over), found, names)

    async def _tell(self, person: PersonId, key: str, found: Substitution, names: Mapping[PersonId, str]) -> None:
        where = await self.desk.directory.whereabouts(person)
        for workspace, user in where.accounts:
            text = escape(_sentence(where.language or workspace.language, key, found, names))
            block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
            try:
                await self.desk.gateway.post(workspace.token, channel=user, text=text, blocks=[block])
            except SlackProblem as problem:
                log.warning("news_not_told person=%s error=%s", person, problem.error)


def _key(found: Substitution, person: PersonId, *, is_over: bool) -> str:
    if person == found.absent:
        return "substitute.ended_for_me" if is_over else "substitute.saved_for_me"
    return "substitute.told_end" if is_over else "substitute.told"


def _sentence(language: Language, key: str, found: Substitution, names: Mapping[PersonId, str]) -> str:
    days = {"from": day(language, found.first_day), "to": day(language, found.last_day)}
    named = {"absent": names.get(found.absent, ""), "substitute": names.get(found.substitute, "")}
    return say(language, key, **named, **days)
