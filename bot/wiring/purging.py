"""Joins the steps of the purge: who takes what away, by which policy."""

from collections.abc import Mapping, Sequence

from core.api import Language, Personal, Policy
from core.storage.engine.database import Database
from core.storage.retention.purging import Purge, PurgeStep
from core.storage.retention.purging_agreements import AgreementPurge
from core.storage.retention.purging_cases import CARDS, DECISIONS, TEXTS
from core.storage.retention.purging_history import history_purge
from core.storage.retention.purging_people import NamePurge
from core.storage.retention.purging_rows import FORMS, LINKS, PACES, PROOFS, NoticePurge
from notifications.outbox.retiring import CardReduction
from notifications.texts import say


def purge_of(
    database: Database,
    policies: Mapping[Personal, Policy],
    *,
    secret_key: str,
    earlier: Sequence[str] = (),
    language: Language,
) -> Purge:
    """The purge of a database whose history was sealed with these secrets.

    `language` is the one in which people who have left are named.
    """

    def name_of(code: str) -> str:
        return say(language, "value.former_person", code=code)

    steps = (
        PurgeStep("cards", Personal.CARDS, CardReduction()),
        PurgeStep("slack_ids", Personal.SLACK_IDS, CARDS),
        PurgeStep("notices", Personal.SLACK_IDS, NoticePurge()),
        PurgeStep("links", Personal.SLACK_IDS, LINKS),
        PurgeStep("identifications", Personal.SLACK_IDS, PROOFS),
        PurgeStep("paces", Personal.SLACK_IDS, PACES),
        PurgeStep("forms", Personal.SLACK_IDS, FORMS),
        PurgeStep("free_texts", Personal.FREE_TEXTS, TEXTS),
        PurgeStep("names", Personal.NAMES, NamePurge(name_of)),
        PurgeStep("agreements", Personal.AGREEMENTS, AgreementPurge()),
        PurgeStep("decisions", Personal.DECISIONS, DECISIONS),
        PurgeStep("history", Personal.DECISIONS, history_purge(secret_key, earlier)),
    )
    return Purge(database, steps, policies)
