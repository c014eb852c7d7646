"""The statements of a press, as constants: one read, and one guarded write (PostgreSQL) or four (SQLite)."""

# Five may be asked, and at most three people are kept out by separation of duties. Whom the agent's orderer may choose
# to attest is a list that people read, so it may be as long as Slack's menus.
ASKABLE, CHOOSABLE = 8, 100
_HOLDERS = """(SELECT {array}(x.person_id) FROM (
    SELECT r.person_id FROM role_assignments r JOIN persons h ON h.id = r.person_id
    WHERE r.organisation_id = {organisation} AND r.role = '{role}' AND h.active
      AND r.valid_from <= :at AND (r.valid_to IS NULL OR r.valid_to > :at)
    ORDER BY r.id LIMIT {most}) x)"""

_READ = """
SELECT c.id, c.flow, c.state, c.step, c.revision, c.content_version, c.customer_id, c.agent_id, c.orderer_id,
  c.offer_id, c.chosen_attestant_id, c.claimed_by_id, c.content, c.decisions, c.created_at, c.waiting_since,
  c.due_at, c.closed_at,
  p.id AS person_id, p.active AS person_active,
  cu.self_attest_allowed AS self_attest, ag.self_attest_allowed AS agent_self_attest,
  k.channel AS card_channel, k.ts AS card_ts,
  (SELECT {array}({pair}(r.organisation_id, r.role)) FROM role_assignments r
    WHERE r.person_id = p.id AND r.valid_from <= :at AND (r.valid_to IS NULL OR r.valid_to > :at)
      AND (r.organisation_id IN (c.customer_id, c.agent_id) OR r.role IN ('customer_service', 'customer_service_lead'))
  ) AS roles,
  {customer_attestants} AS customer_attestants,
  {agent_handlers} AS agent_handlers,
  {agent_attestants} AS agent_attestants
FROM cases c
JOIN organisations cu ON cu.id = c.customer_id
LEFT JOIN organisations ag ON ag.id = c.agent_id
LEFT JOIN identities i ON i.issuer = :issuer AND i.subject = :subject AND i.state = 'confirmed'
LEFT JOIN persons p ON p.id = COALESCE(i.person_id, {person})
LEFT JOIN cards k ON k.id = :card
WHERE c.id = :case
"""


def _read(array: str, pair: str, person: str) -> str:
    def holders(organisation: str, role: str, most: int) -> str:
        return _HOLDERS.format(array=array, organisation=organisation, role=role, most=most)

    return _READ.format(
        array=array,
        pair=pair,
        person=person,
        customer_attestants=holders("c.customer_id", "attestant", ASKABLE),
        agent_handlers=holders("c.agent_id", "agent_handler", ASKABLE),
        agent_attestants=holders("c.agent_id", "attestant", CHOOSABLE),
    )


POSTGRES_READ = _read("json_agg", "json_build_array", "CAST(:person AS text)")
SQLITE_READ = _read("json_group_array", "json_array", ":person")

_MOVE = """UPDATE cases SET state = :to_state, step = :to_step, revision = :to_revision, decisions = :decisions,
  chosen_attestant_id = :chosen_attestant, claimed_by_id = :claimed_by, waiting_since = :waiting_since,
  due_at = :due_at, closed_at = :closed_at WHERE id = :case AND revision = :revision
  RETURNING id"""

_LINE_COLUMNS = """INSERT INTO history (case_id, at, action, from_state, to_state, step, revision, content_version,
  part, person_id, organisation_id, surface, assurance, evidence)"""
_LINE_VALUES = """:case, :at, :action, :from_state, :to_state, :step, :to_revision, :content_version, :part,
  {person}, {organisation}, :surface, :assurance, :evidence"""

# The pressed message goes first; a card that has not been posted yet keeps its place in the queue.
_SHOW = """SET must_show = :to_revision, due_at = :at, attempts = 0,
  priority = CASE WHEN cards.id = :pressed THEN 0 WHEN does_show = 0 THEN priority ELSE 2 END"""

_CARDS = """INSERT INTO cards (id, case_id, person_id, kind, part, must_show, does_show, priority, due_at, attempts)
  SELECT {card} ->> 0, {case}, {card} ->> 1, {card} ->> 2, {card} ->> 3, :to_revision, 0, 1, :at, 0 FROM {cards}"""


def _line(person: str, organisation: str) -> str:
    return _LINE_VALUES.format(person=person, organisation=organisation)


SQLITE_MOVE = _MOVE
SQLITE_LINE = f"{_LINE_COLUMNS} VALUES ({_line(':person', ':organisation')})"
SQLITE_SHOW = f"""UPDATE cards {_SHOW} WHERE case_id = :case AND given_up_at IS NULL
  AND kind IN (SELECT value FROM json_each(:repaint))"""  # noqa: S608 - constants
SQLITE_CARDS = _CARDS.format(card="value", case=":case", cards="json_each(:cards)")

# One statement is its own transaction: no BEGIN and COMMIT to send. Nothing happens unless the revision still holds.
POSTGRES_WRITE = f"""
WITH moved AS ({_MOVE}),
line AS ({_LINE_COLUMNS} SELECT {_line("CAST(:person AS text)", "CAST(:organisation AS text)")} FROM moved),
shown AS (UPDATE cards {_SHOW} FROM moved WHERE cards.case_id = moved.id AND cards.given_up_at IS NULL
  AND cards.kind IN (SELECT json_array_elements_text(CAST(:repaint AS json)))),
asked AS ({_CARDS.format(card="c", case="moved.id", cards="moved, json_array_elements(CAST(:cards AS json)) c")})
SELECT id FROM moved
"""  # noqa: S608 - constants

# By dialect. The first writing statement is guarded by the revision; the others follow if it returns the case it moved.
READS = {"postgresql": POSTGRES_READ, "sqlite": SQLITE_READ}
WRITES = {"postgresql": (POSTGRES_WRITE,), "sqlite": (SQLITE_MOVE, SQLITE_LINE, SQLITE_SHOW, SQLITE_CARDS)}
