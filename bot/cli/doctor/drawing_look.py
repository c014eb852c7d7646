"""Looks at what Slack is to draw or install: a card of each kind that stands there, and the manifest of the app."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cli.doctor.examined import Examined, unseen, well, wrong
from bot.config.app_yaml import read_manifest_for, read_socket_manifest
from core.api import Language, Now
from notifications.cards.drawer import CardDrawer
from notifications.outbox.repository import CardStore
from notifications.render.surfaces.block_kit import message
from notifications.rules.announcements import CardKind
from notifications.slack.slack_errors import SlackProblem, TryLater, Wait
from notifications.slack.slack_gateway import Gateway


@dataclass(frozen=True)
class CardLook:
    """Draws cards as they stand in the database, in both languages, and lets Slack look at them without posting any."""

    cards: CardStore
    drawer: CardDrawer
    slack: Gateway
    now: Now

    async def look(self, token: str, workspace: str) -> AsyncIterator[Examined]:
        """Say which kinds Slack would not show, and of how many kinds there is none to look at."""
        cards = await self.cards.one_of_each_kind(workspace)
        batch = await self.drawer.read(cards, Language.SV, self.now())
        right = 0
        for card in cards:
            for language in Language:
                try:
                    blocks = message(self.drawer.drawn(card, batch, language).message)["blocks"]
                except Exception:
                    # A fault of ours in one card leaves the others to look at, as on the way out.
                    yield wrong("doctor.cards.not_drawn", kind=card.kind, words=language)
                    continue
                try:
                    problems = await self.slack.find_in_blocks(token, blocks)
                except SlackProblem as problem:
                    yield unseen("doctor.cards.refused", error=problem.error)
                    return
                if problems:
                    yield wrong("doctor.cards.wrong", kind=card.kind, words=language, problems="; ".join(problems))
                right += not problems
        if right:
            yield well("doctor.cards.well", number=str(right))
        if kinds := set(CardKind) - {card.kind for card in cards}:
            yield unseen("doctor.cards.none", number=str(len(kinds)))


async def look_at_manifest(slack: Gateway, public_url: str | None, token: str | None, *, by_socket: bool) -> Examined:
    """Let Slack look at the manifest with the address of the settings, or at that of Socket Mode."""
    if not token:
        return unseen("doctor.manifest.no_token")
    if by_socket:
        return await _looked_at(slack, token, read_socket_manifest(), "Socket Mode", "doctor.manifest.wrong_by_socket")
    if public_url is None:
        return unseen("doctor.manifest.no_address")
    return await _looked_at(slack, token, read_manifest_for(public_url), public_url, "doctor.manifest.wrong")


async def _looked_at(slack: Gateway, token: str, manifest: Mapping[str, Any], url: str, cure: str) -> Examined:
    try:
        problems = await slack.find_in_manifest(token, manifest)
    except (Wait, TryLater) as problem:
        return unseen("doctor.manifest.unseen", error=problem.error)
    except SlackProblem as problem:
        return wrong("doctor.manifest.refused", error=problem.error)
    if problems:
        return wrong(cure, url=url, problems="; ".join(problems))
    return well("doctor.manifest.well", url=url)
