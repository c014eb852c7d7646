"""The refusal log: who was refused what, in one statement beside the answer; few lines from a person who keeps on."""

from datetime import timedelta

from core.audit.records import RefusalRecord, facts_to_json
from core.identity.accounts import Identity
from core.shared.vocabulary import SIDE_OF, LineKind, Side
from core.storage.context.authority_sql import WORDS
from core.storage.database.database import Database
from core.storage.database.sessions import Constant, Values
from core.storage.tables import to_micros
from core.storage.tables.links import STANDS

# From one person on one case, or on orders that became none. The rest says nothing new, and nobody fills the table.
A_MINUTE = timedelta(minutes=1)
AT_MOST = 5


def _parts(side: Side) -> str:
    return ", ".join(f"'{part}'" for part, of in SIDE_OF.items() if of is side)


# An account that is nobody's, and a case that there is not, leave no line.
_LINE = f"""
INSERT INTO history (kind, case_id, at, action, step, content_version, part, person_id, organisation_id, surface,
  assurance, evidence)
SELECT '{LineKind.REFUSAL}', c.id, :at, :action, :step, :content_version, COALESCE(k.part, {{part}}), p.id,
  CASE WHEN COALESCE(k.part, {{part}}) IN ({_parts(Side.CUSTOMER)}) THEN c.customer_id
    WHEN COALESCE(k.part, {{part}}) IN ({_parts(Side.AGENT)}) THEN c.agent_id END, :surface, :assurance, :evidence
FROM cases c
LEFT JOIN identities i ON i.issuer = :issuer AND i.subject = :subject AND {STANDS}
JOIN persons p ON p.id = COALESCE(i.person_id, {{person}})
LEFT JOIN cards k ON k.id = :card AND k.case_id = c.id
WHERE c.id = :case AND (SELECT count(*) FROM history h WHERE h.case_id = c.id AND h.revision IS NULL
  AND h.kind = '{LineKind.REFUSAL}' AND h.person_id = p.id AND h.at > :since) < {AT_MOST}
"""  # noqa: S608 - constants
# An order that was not taken has no case; of its customer an organisation that there is not is left out.
_ORDER_LINE = f"""
INSERT INTO history (kind, at, action, part, person_id, organisation_id, surface, assurance, evidence)
SELECT '{LineKind.REFUSAL}', :at, :action, :part, p.id, o.id, :surface, :assurance, :evidence
FROM persons p
LEFT JOIN organisations o ON o.id = :customer
WHERE p.id = COALESCE((SELECT i.person_id FROM identities i
    WHERE i.issuer = :issuer AND i.subject = :subject AND {STANDS}), {{person}})
  AND (SELECT count(*) FROM history h WHERE h.case_id IS NULL AND h.kind = '{LineKind.REFUSAL}'
    AND h.person_id = p.id AND h.at > :since) < {AT_MOST}
"""  # noqa: S608 - constants
LINES = {dialect: Constant(_LINE.format(part=words.text.format("part"), person=words.text.format("person")))
         for dialect, words in WORDS.items()}  # fmt: skip
ORDER_LINES = {
    dialect: Constant(_ORDER_LINE.format(person=words.text.format("person"))) for dialect, words in WORDS.items()
}


class SqlRefusalLog:
    """Implements core.ports.audit.RefusalLog on both databases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refused(self, refused: RefusalRecord) -> None:
        """See core.ports.audit.RefusalLog."""
        lines = ORDER_LINES if refused.case is None else LINES
        line, values = lines[self._database.dialect], _values(refused)
        await self._database.press(lambda session: session.fetch(line, values))


def _values(refused: RefusalRecord) -> Values:
    identity = refused.by if isinstance(refused.by, Identity) else Identity("", "")
    return {
        "case": refused.case,
        "customer": refused.customer,
        "at": to_micros(refused.at),
        "since": to_micros(refused.at - A_MINUTE),
        "action": refused.action,
        "step": refused.seen and refused.seen.step,
        "content_version": refused.seen and refused.seen.content_version,
        "card": refused.card or "",
        "part": refused.part,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "person": None if isinstance(refused.by, Identity) else refused.by.person,
        "surface": refused.surface,
        "assurance": refused.assurance,
        "evidence": facts_to_json({"code": refused.code, "offer": refused.offer}),
    }
