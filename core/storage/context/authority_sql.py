"""SQL for who may decide a case, and what the organisations around it have declared and agreed, as they are now.

It stands in a statement where `c` is the case (customer_id, offer_id, orderer_id, chosen_attestant_id, flow, state,
progress, decisions) and `p` the person who looks (none for the clock). Parameters: at, named.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.register.administration_rules import ALONE, ORDER_OR_DECIDE
from core.shared.traits import ORDER_FLOWS, TRAITS
from core.shared.vocabulary import DECIDING, PART_WAITED_FOR, Action, Part, Role, State
from core.workflow.context import HOLDERS_READ

ASKING = frozenset(state for state, part in PART_WAITED_FOR.items() if part in DECIDING)
# In which states somebody asks for the holders of a role, to decide or to be asked next.
ASKING_NEXT = ASKING | {State.DRAFT, State.COMPLETION_REQUESTED, State.AWAITING_REVIEW}
NEED_ATTESTANTS = ASKING_NEXT - {State.AWAITING_AGENT_APPROVAL}
NEED_AGENT_ATTESTANTS = ASKING_NEXT - {State.AWAITING_CUSTOMER_ATTEST, State.AWAITING_REVIEW}
NEED_HANDLERS = NEED_AGENT_ATTESTANTS | {State.AWAITING_CUSTOMER_SERVICE, State.AGENT_INFORMED}
NEED_AGENTS_ADMINISTRATORS = frozenset({State.AWAITING_CUSTOMER_SERVICE, State.AGENT_INFORMED})
NEED_ORDERERS = frozenset({State.AWAITING_CUSTOMER_SERVICE, State.INSTRUCTIONS_SENT})
# Where customer service acts.
SERVED = NEED_ORDERERS | {State.AWAITING_REVIEW, State.AGENT_INFORMED}
# The parts whose holders are read, each of one role.
ROLE_OF = {
    Part.CUSTOMER_ATTESTANT: Role.ATTESTANT,
    Part.AGENT_HANDLER: Role.AGENT_HANDLER,
    Part.AGENT_ATTESTANT: Role.ATTESTANT,
    Part.ORDERER: Role.ORDERER,
    Part.CUSTOMER_ADMINISTRATOR: Role.ADMINISTRATOR,
    Part.AGENT_ADMINISTRATOR: Role.ADMINISTRATOR,
    Part.CUSTOMER_EMERGENCY: Role.EMERGENCY_ATTESTANT,
    Part.AGENT_EMERGENCY: Role.EMERGENCY_ATTESTANT,
}


@dataclass(frozen=True)
class SqlWords:
    """What the two databases say differently."""

    array: str
    tuple: str
    text: str  # a parameter that may be None
    number: str
    inside: str  # whether a text holds another


WORDS = {
    "sqlite": SqlWords(
        array="json_group_array",
        tuple="json_array",
        text=":{0}",
        number=":{0}",
        inside="instr({0}, {1}) > 0",
    ),
    "postgresql": SqlWords(
        array="json_agg",
        tuple="json_build_array",
        text="CAST(:{0} AS text)",
        number="CAST(:{0} AS bigint)",
        inside="position({1} IN CAST({0} AS text)) > 0",
    ),
}


@dataclass(frozen=True)
class Sides:
    """SQL for what an answer may change of a case: its agent, and what each side pays in the first year."""

    agent: str
    customer_ore: str
    agent_ore: str


# What an alias says of a role, a substitution or an assignment that holds at :at.
HOLDS = "{0}.valid_from <= :at AND ({0}.valid_to IS NULL OR {0}.valid_to > :at)"
_R_NOW, _S_NOW, _M_NOW = map(HOLDS.format, "rsm")
# Who has no role left in the organisation has left it, and decides there for nobody. A MIN is looked up by index.
_IS_THERE = f"""(SELECT MIN(m.id) FROM role_assignments m
    WHERE m.person_id = s.substitute_id AND m.organisation_id = s.organisation_id AND {_M_NOW}) IS NOT NULL"""  # noqa: S608
# Own roles, and those of absent people for whom the person substitutes; nobody lends what is not the own. A cross join
# is SQLite's way to say in which order tables are read: from the few rows that are somebody's.
_RIGHTS = f"""
    SELECT r.organisation_id, r.role, r.attest_limit_ore, r.service_id, NULL AS absent_id
    FROM role_assignments r WHERE r.person_id = {{person}} AND {_R_NOW} AND {{which}}
    UNION ALL
    SELECT r.organisation_id, r.role, r.attest_limit_ore, r.service_id, r.person_id
    FROM substitutions s CROSS JOIN persons a CROSS JOIN role_assignments r
    WHERE s.substitute_id = {{person}} AND {_S_NOW} AND a.id = s.absent_id AND a.active
      AND r.organisation_id = s.organisation_id AND r.role = s.role AND r.person_id = s.absent_id
      AND {_IS_THERE} AND {_R_NOW} AND {{which}}"""  # noqa: S608 - constants
_OURS = "(r.organisation_id IN (c.customer_id, {agent}) OR r.role IN ('customer_service', 'customer_service_lead'))"
_GRANTS = """(SELECT {array}({tuple}(g.organisation_id, g.role, g.attest_limit_ore, g.service_id, g.absent_id))
  FROM ({rights}) g)"""
# Where the person has a role that has not been over since before the case began; one called off never held.
_BELONGS = """(SELECT {array}(r.organisation_id) FROM role_assignments r WHERE r.person_id = p.id
  AND (r.valid_to IS NULL OR (r.valid_to > c.created_at AND r.valid_to > r.valid_from))
  AND r.role NOT IN ('customer_service', 'customer_service_lead'))"""
# Whose holders are asked for in this state. The amount is what a limit is held against; rules may name people.
_NEEDED = "SELECT '{part}' AS part, {organisation} AS organisation_id, '{role}' AS role, {ore} AS ore, {rules} AS rules"
# First whom an answer, the case or the rules name, and those who may have attested: whether that counts follows from
# their right. Then those whose limit and service fit: the asked, then the others.
_PLACE = """CASE WHEN h.id IN (:named, c.chosen_attestant_id) OR {is_in_rules} OR {may_have_attested} THEN 0
      WHEN r.attest_limit_ore < n.ore OR r.service_id <> f.service_id THEN 3
      WHEN {is_asked} THEN 1 ELSE 2 END"""
_HOLDERS = f"""(SELECT {{array}}({{tuple}}(x.part, x.person_id, x.attest_limit_ore, x.service_id, x.absent_id)) FROM (
    SELECT y.*, row_number() OVER (PARTITION BY y.part ORDER BY y.place, y.lent, y.id) AS turn FROM (
      SELECT n.part, r.person_id, r.attest_limit_ore, r.service_id, NULL AS absent_id,
        {_PLACE} AS place, 0 AS lent, r.id AS id
      FROM ({{needed}}) n CROSS JOIN role_assignments r CROSS JOIN persons h
      WHERE r.organisation_id = n.organisation_id AND r.role = n.role AND {_R_NOW} AND h.id = r.person_id AND h.active
      UNION ALL
      SELECT n.part, s.substitute_id, r.attest_limit_ore, r.service_id, r.person_id, {_PLACE}, 1, r.id
      FROM ({{needed}}) n CROSS JOIN role_assignments r CROSS JOIN persons a
        CROSS JOIN substitutions s CROSS JOIN persons h
      WHERE r.organisation_id = n.organisation_id AND r.role = n.role AND {_R_NOW} AND a.id = r.person_id AND a.active
        AND s.absent_id = r.person_id AND s.organisation_id = r.organisation_id AND s.role = r.role AND {_S_NOW}
        AND h.id = s.substitute_id AND h.active AND {_IS_THERE}) y
    ORDER BY y.part, turn) x WHERE x.turn <= {HOLDERS_READ})"""  # noqa: S608 - constants
# Those that have ended as well: without another of the same, a price is missing. And those to come, by the start.
_PRICES = """(SELECT {array}({tuple}(t.payer, t.kind, t.unit, t.amount_ore, t.period, t.valid_from, t.valid_to))
    FROM price_items t WHERE t.offer_id = c.offer_id)"""
ORDERER_IS_ACTIVE = f"""(o.active AND (SELECT MIN(r.id) FROM role_assignments r
    WHERE r.organisation_id = c.customer_id AND r.role = 'orderer' AND r.person_id = o.id AND {_R_NOW}) IS NOT NULL)"""  # noqa: S608
# Whoever orders attests as well only while nobody else orders, approves or attests there, whatever is declared.
_SELF_ATTESTS = f"""CASE WHEN {{organisation}}.self_attest_allowed THEN (SELECT COUNT(DISTINCT r.person_id)
    FROM role_assignments r JOIN persons m ON m.id = r.person_id AND m.active
    WHERE r.organisation_id = {{organisation}}.id AND r.role IN ({{roles}}) AND {_R_NOW}) <= {ALONE} ELSE FALSE END"""  # noqa: S608
_THE_CLOCK = "p.id IS NULL"
_EMERGENCY = f"""'"{Action.EMERGENCY_ATTEST}"'"""
_ATTESTANTS = f"'{Role.ATTESTANT}', '{Role.EMERGENCY_ATTESTANT}'"
_PERSON = """'"' || r.person_id || '"'"""
_ORDERER_LEFT = f"NOT {ORDERER_IS_ACTIVE}"
_AGREEMENT = "CASE c.flow {} END".format(
    " ".join(f"WHEN '{flow}' THEN '{TRAITS[flow].agreement}'" for flow in ORDER_FLOWS)
)
# A case and everything around it that is one row at most.
_AROUND = f"""JOIN offers f ON f.id = c.offer_id
JOIN persons o ON o.id = c.orderer_id
JOIN organisations cu ON cu.id = c.customer_id
LEFT JOIN organisations ag ON ag.id = {{agent}}
LEFT JOIN agreements ka ON ka.organisation_id = c.customer_id
  AND ka.type = {_AGREEMENT}
  AND ka.valid_from <= :at AND (ka.ended_at IS NULL OR ka.ended_at > :at)
LEFT JOIN agreements aa ON aa.organisation_id = {{agent}} AND aa.type = 'agentavtal'
  AND aa.valid_from <= :at AND (aa.ended_at IS NULL OR aa.ended_at > :at)
LEFT JOIN agent_assignments am ON am.agent_id = {{agent}} AND am.service_id = f.service_id
  AND {HOLDS.format("am")}"""


def rights(person: str, which: str = "TRUE") -> str:
    """A person's valid roles, own and lent: organisation_id, role, attest_limit_ore, service_id, absent_id."""
    return _RIGHTS.format(person=person, which=which)


def grants(words: SqlWords, person: str, which: str = "TRUE") -> str:
    """A column with a person's rights: lists as `core.storage.context.coding.grants_from_json` reads them."""
    return _GRANTS.format(rights=rights(person, which), array=words.array, tuple=words.tuple)


def self_attests(organisation: str) -> str:
    """Whether whoever orders in an organisation, an alias, may attest it too, now."""
    return _SELF_ATTESTS.format(
        organisation=organisation, roles=", ".join(f"'{each}'" for each in sorted(ORDER_OR_DECIDE))
    )


def around(sides: Sides) -> str:
    """The joins that `authority` and its columns stand on."""
    return _AROUND.format(agent=sides.agent)


def authority(words: SqlWords, sides: Sides) -> str:
    """The columns of `core.storage.cases.loading.Authority`, in its order. What nobody needs in a state is not read."""
    lists = {"array": words.array, "tuple": words.tuple}
    return ",\n  ".join(
        (
            grants(words, "p.id", _OURS.format(agent=sides.agent)),
            f"CASE WHEN {_in(SERVED)} THEN {_BELONGS.format(array=words.array)} END",
            _HOLDERS.format(
                needed=_needed(words, sides),
                is_asked=words.inside.format("c.progress", """'["' || h.id || '","' || r.role || '"'"""),
                is_in_rules=words.inside.format("n.rules", "r.person_id"),
                may_have_attested=f"(r.role IN ({_ATTESTANTS}) AND {words.inside.format('c.decisions', _PERSON)})",
                **lists,
            ),
            f"{self_attests('cu')}, cu.eid_from_ore, cu.tiers, cu.reminder_days, cu.reminder_hour",
            f"{self_attests('ag')}, ag.eid_from_ore, ag.tiers, ag.reminder_days, ag.reminder_hour",
            f"f.service_id, {ORDERER_IS_ACTIVE}",
            "ka.type IS NOT NULL, aa.type IS NOT NULL, am.service_id IS NOT NULL",
            f"CASE WHEN {_in(ASKING)} THEN {_PRICES.format(**lists)} END",
        )
    )


def _needed(words: SqlWords, sides: Sides) -> str:
    # Nobody asks the reserves: the clock names those who may decide what is over every attestant's limit.
    reserves = f"{_THE_CLOCK} OR {words.inside.format('c.decisions', _EMERGENCY)}"
    asked = (
        (Part.CUSTOMER_ATTESTANT, "c.customer_id", sides.customer_ore, "cu.tiers", _in(NEED_ATTESTANTS)),
        (Part.AGENT_HANDLER, sides.agent, "0", "NULL", _in(NEED_HANDLERS)),
        (
            Part.AGENT_ATTESTANT,
            sides.agent,
            sides.agent_ore,
            "ag.tiers",
            f"{_in(NEED_AGENT_ATTESTANTS)} OR {_THE_CLOCK}",
        ),
        (Part.ORDERER, "c.customer_id", "0", "NULL", f"{_in(NEED_ORDERERS)} OR {_ORDERER_LEFT}"),
        (Part.CUSTOMER_ADMINISTRATOR, "c.customer_id", "0", "NULL", f"{_THE_CLOCK} OR {_ORDERER_LEFT}"),
        (
            Part.AGENT_ADMINISTRATOR,
            sides.agent,
            "0",
            "NULL",
            f"{_in(NEED_AGENTS_ADMINISTRATORS)} OR {_THE_CLOCK}",
        ),
        (Part.CUSTOMER_EMERGENCY, "c.customer_id", sides.customer_ore, "NULL", reserves),
        (Part.AGENT_EMERGENCY, sides.agent, sides.agent_ore, "NULL", reserves),
    )
    return " UNION ALL ".join(
        f"{_NEEDED.format(part=part, organisation=organisation, role=ROLE_OF[part], ore=ore, rules=rules)} WHERE {when}"
        for part, organisation, ore, rules, when in asked
    )


def _in(states: Iterable[State]) -> str:
    return "c.state IN ({})".format(", ".join(f"'{state}'" for state in sorted(states)))
