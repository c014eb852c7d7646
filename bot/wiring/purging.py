"""Joins the steps of the purge: who takes what away; as which kind each is kept stands with retention."""

from collections.abc import Mapping, Sequence

from core.api import KEPT_AS, SOONER, Language, Personal, Policy
from core.storage.database.database import Database
from core.storage.retention.purging import Purge, PurgeStep, Taker
from core.storage.retention.purging_agreements import AgreementPurge
from core.storage.retention.purging_cases import CARDS, DECISIONS, TEXTS
from core.storage.retention.purging_history import history_purge
from core.storage.retention.purging_people import NamePurge
from core.storage.retention.purging_rows import (
    FORMS,
    LINKS,
    PACES,
    PICTURES,
    PROOFS,
    REPORTS,
    SESSIONS,
    SIGN_INS,
    UNSENT,
    NoticePurge,
)
from notifications.outbox.card_reduction import CardReduction
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

    takers: Mapping[str, Taker] = {
        "cards": CardReduction(),
        "slack_ids": CARDS,
        "notices": NoticePurge(),
        "links": LINKS,
        "identifications": PROOFS,
        "sign_ins": SIGN_INS,
        "sessions": SESSIONS,
        "paces": PACES,
        "forms": FORMS,
        "unsent_files": UNSENT,
        "pictures": PICTURES,
        "reports": REPORTS,
        "free_texts": TEXTS,
        "names": NamePurge(name_of),
        "agreements": AgreementPurge(),
        "decisions": DECISIONS,
        "history": history_purge(secret_key, earlier),
    }
    steps = tuple(PurgeStep(kind, what, takers[kind], SOONER.get(kind)) for kind, what in KEPT_AS.items())
    return Purge(database, steps, policies)
