"""The statements that load and save a case: for a press one read, and one guarded write, or four on SQLite."""

from core.storage.context.authority_sql import WORDS, Sides, around, authority
from core.storage.tables.links import STANDS

_READ = """
SELECT c.id, c.flow, c.state, c.step, c.revision, c.content_version, c.customer_id, c.agent_id, c.orderer_id,
  c.offer_id, c.chosen_attestant_id, c.claimed_by_id, c.content, c.decisions, c.created_at, c.waiting_since,
  c.due_at, c.closed_at, c.review_at, c.progress,
  p.id AS person_id, p.active AS person_active, i.seen_at AS account_seen_at, i.organisation_id AS within,
  k.channel AS card_channel, k.ts AS card_ts, k.asked_only AS card_asked_only,
  e.id, e.person_id, e.case_id, e.step, e.content_version, e.action, e.method, e.expires_at, e.used_at,
  {authority}
FROM cases c
{around}
LEFT JOIN identities i ON i.issuer = :issuer AND i.subject = :subject AND {stands}
LEFT JOIN persons p ON p.id = COALESCE(i.person_id, {person})
LEFT JOIN cards k ON k.id = :card
LEFT JOIN proofs e ON e.hash = :proof
WHERE c.id = :case
"""
# An order that is about to be placed: its case is no row yet.
_DRAFT = """
SELECT {authority}
FROM (SELECT {customer} AS customer_id, {offer} AS offer_id, {person} AS orderer_id,
  NULL AS chosen_attestant_id, {flow} AS flow, 'draft' AS state, '' AS progress, '' AS decisions,
  0 AS created_at) c
{around}
JOIN persons p ON p.id = c.orderer_id
"""


def _read(dialect: str) -> str:
    sides = Sides("c.agent_id", "c.customer_ore", "c.agent_ore")
    return _filled(dialect, sides)


def _read_revised(dialect: str) -> str:
    words = WORDS[dialect]
    amounts = map(words.number.format, ("revised_customer_ore", "revised_agent_ore"))
    return _filled(dialect, Sides(words.text.format("revised_agent"), *amounts))


def _draft_read(dialect: str) -> str:
    words = WORDS[dialect]
    sides = Sides(words.text.format("agent"), *map(words.number.format, ("customer_ore", "agent_ore")))
    names = {name: words.text.format(name) for name in ("customer", "offer", "person", "flow")}
    return _DRAFT.format(authority=authority(words, sides), around=around(sides), **names)


def _filled(dialect: str, sides: Sides) -> str:
    words = WORDS[dialect]
    return _READ.format(
        authority=authority(words, sides), around=around(sides), person=words.text.format("person"), stands=STANDS
    )


_MOVE = """UPDATE cases SET state = :to_state, step = :to_step, revision = :to_revision, decisions = :decisions,
  chosen_attestant_id = :chosen_attestant, claimed_by_id = :claimed_by, waiting_since = :waiting_since,
  due_at = :due_at, closed_at = :closed_at, progress = :progress, content_version = :content_version,
  agent_id = :agent, content = COALESCE({content}, content), customer_ore = :customer_ore, agent_ore = :agent_ore,
  invoice_reference = :invoice_reference, purged = 0,
  review_at = CASE WHEN {is_reviewed} = 1 AND review_at IS DISTINCT FROM {was_review_at}
    THEN review_at ELSE {review_at} END{more}
  WHERE id = :case AND revision = :revision
  RETURNING id, customer_id, offer_id"""

# An application may be for another organisation than before, and makes one.
_MOVE_APPLICATION = ", customer_id = :customer, applicant_number = :applicant_number"
_MAKE = """INSERT INTO cases (id, flow, state, step, revision, content_version, customer_id, agent_id, orderer_id,
  offer_id, chosen_attestant_id, claimed_by_id, content, decisions, created_at, waiting_since, due_at, closed_at,
  external_case_ref, invoice_reference, progress, customer_ore, agent_ore, review_at, applicant_number)
  VALUES (:case, :flow, :to_state, :to_step, :to_revision, :content_version, :customer, :agent, :orderer, :offer,
  :chosen_attestant, :claimed_by, :content, :decisions, :created_at, :waiting_since, :due_at, :closed_at,
  :external_case_ref, :invoice_reference, :progress, :customer_ore, :agent_ore, :review_at, :applicant_number)
  RETURNING id, customer_id, offer_id"""

_LINE_COLUMNS = """INSERT INTO history (case_id, at, action, from_state, to_state, step, revision, content_version,
  part, person_id, organisation_id, surface, assurance, evidence)"""
_LINE_VALUES = """:case, :at, :action, :from_state, :to_state, :step, :to_revision, :content_version, :part,
  {person}, {organisation}, :surface, :assurance, :evidence"""

# The pressed message goes first; a card that has not been posted yet keeps its place in the queue. What was owed before
# has been owed since then.
_SHOW = """SET must_show = :to_revision, due_at = :at, attempts = 0, press_id = {press_id},
  owed_at = CASE WHEN due_at IS NULL THEN :at ELSE COALESCE(owed_at, :at) END,
  priority = CASE WHEN cards.id = :pressed THEN 0 WHEN does_show = 0 THEN priority ELSE 2 END"""

_CARDS = """INSERT INTO cards
  (id, case_id, person_id, kind, part, email, must_show, step, does_show, priority, due_at, attempts, owed_at, press_id)
  SELECT {card} ->> 0, {case}, {card} ->> 1, {card} ->> 2, {card} ->> 3, {card} ->> 4, :to_revision, :to_step, 0, 1,
    :at, 0, :at, {press_id}
  FROM {cards}"""


def _move(dialect: str, more: str = "") -> str:
    words = WORDS[dialect]
    return _MOVE.format(
        more=more,
        content=words.text.format("content"),
        is_reviewed=words.number.format("is_reviewed"),
        was_review_at=words.number.format("was_review_at"),
        review_at=words.number.format("review_at"),
    )


def _line(dialect: str) -> str:
    return _LINE_VALUES.format(**{name: WORDS[dialect].text.format(name) for name in ("person", "organisation")})


def _show(dialect: str) -> str:
    return _SHOW.format(press_id=WORDS[dialect].text.format("press_id"))


def _cards(dialect: str, **names: str) -> str:
    return _CARDS.format(press_id=WORDS[dialect].text.format("press_id"), **names)


SQLITE_OTHERS = (
    f"{_LINE_COLUMNS} VALUES ({_line('sqlite')})",
    f"""UPDATE cards {_show("sqlite")} WHERE case_id = :case AND given_up_at IS NULL AND asked_in IS NULL
  AND kind IN (SELECT value FROM json_each(:repaint))""",  # noqa: S608 - constants
    _cards("sqlite", card="value", case=":case", cards="json_each(:cards)"),
)
SQLITE_WRITE = (_move("sqlite"), *SQLITE_OTHERS)
SQLITE_UNITS = (
    "DELETE FROM case_units WHERE case_id = :case AND unit_key NOT IN (SELECT value FROM json_each(:units))",
    """INSERT INTO case_units (case_id, unit_key, customer_id, offer_id)
  SELECT :case, value, :customer, :offer FROM json_each(:units) WHERE TRUE ON CONFLICT DO NOTHING""",
    "DELETE FROM case_words WHERE case_id = :case AND word NOT IN (SELECT value FROM json_each(:words))",
    """INSERT INTO case_words (word, case_id)
  SELECT value, :case FROM json_each(:words) WHERE TRUE ON CONFLICT DO NOTHING""",
)
# The revision guards this too: a proof is for one case, and every decision there raises that.
_SPENT = "UPDATE proofs SET used_at = :at WHERE id = :spent"

# One statement is its own transaction: no BEGIN and COMMIT to send. Nothing happens unless the revision still holds.
_POSTGRES_WRITE = f"""
WITH moved AS ({{case}}),
line AS ({_LINE_COLUMNS} SELECT {_line("postgresql")} FROM moved),
shown AS (UPDATE cards {_show("postgresql")} FROM moved WHERE cards.case_id = moved.id AND cards.given_up_at IS NULL
  AND cards.asked_in IS NULL AND cards.kind IN (SELECT json_array_elements_text(CAST(:repaint AS json)))),
asked AS ({_cards("postgresql", card="c", case="moved.id", cards="moved, json_array_elements(CAST(:cards AS json)) c")})
{{more}}
SELECT id FROM moved
"""  # noqa: S608 - constants
# What goes and what comes are different units: the parts of a statement do not see what the others have done.
_POSTGRES_UNITS = """, units AS (SELECT json_array_elements_text(CAST(:units AS json)) AS key),
gone AS (DELETE FROM case_units USING moved
  WHERE case_units.case_id = moved.id AND unit_key NOT IN (SELECT key FROM units)),
come AS (INSERT INTO case_units (case_id, unit_key, customer_id, offer_id)
  SELECT moved.id, key, moved.customer_id, moved.offer_id FROM moved, units ON CONFLICT DO NOTHING),
words AS (SELECT json_array_elements_text(CAST(:words AS json)) AS word),
unsaid AS (DELETE FROM case_words USING moved
  WHERE case_words.case_id = moved.id AND case_words.word NOT IN (SELECT words.word FROM words)),
said AS (INSERT INTO case_words (word, case_id) SELECT words.word, moved.id FROM moved, words ON CONFLICT DO NOTHING)"""
_POSTGRES_PROOF = """, spent AS (UPDATE proofs SET used_at = :at FROM moved WHERE proofs.id = :spent)"""


def _postgres(case: str, more: str = "") -> str:
    return _POSTGRES_WRITE.format(case=case, more=more)


# By dialect. The first writing statement is guarded by the revision; the others follow if it returns the case it moved.
READS = {dialect: _read(dialect) for dialect in WORDS}
REVISED_READS = {dialect: _read_revised(dialect) for dialect in WORDS}
DRAFT_READS = {dialect: _draft_read(dialect) for dialect in WORDS}
WRITES = {"postgresql": (_postgres(_move("postgresql")),), "sqlite": SQLITE_WRITE}
# The same for a decision that carries a proof.
PROOF_WRITES = {
    "postgresql": (_postgres(_move("postgresql"), _POSTGRES_PROOF),),
    "sqlite": (*SQLITE_WRITE, _SPENT),
}
# The same for a change of the units.
UNIT_WRITES = {
    "postgresql": (_postgres(_move("postgresql"), _POSTGRES_UNITS),),
    "sqlite": (*SQLITE_WRITE, *SQLITE_UNITS),
}
# The same for an application, and for what is new.
APPLICATION_WRITES = {
    "postgresql": (_postgres(_move("postgresql", _MOVE_APPLICATION)),),
    "sqlite": (_move("sqlite", _MOVE_APPLICATION), *SQLITE_OTHERS),
}
NEW_APPLICATION_WRITES = {"postgresql": (_postgres(_MAKE),), "sqlite": (_MAKE, *SQLITE_OTHERS)}
NEW_ORDER_WRITES = {
    "postgresql": (_postgres(_MAKE, _POSTGRES_UNITS),),
    "sqlite": (_MAKE, *SQLITE_OTHERS, *SQLITE_UNITS),
}
