"""SQL for who may decide a case, and what the organisations around it have declared and agreed, as they are now.

It stands in a statement where `c` is the case (customer_id, offer_id, orderer_id, state), `o` its orderer, `f` its
offer, `cu` the customer, `ag` the agent and `p` the person who looks (none for the clock). Parameters: at, day, named.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.words import DECIDING, PART_WAITED_FOR, AgreementType, Role, State

# Whom somebody may choose is a list that people read, so it may be as long as Slack's menus.
CHOOSABLE = 100

ASKING = frozenset(state for state, part in PART_WAITED_FOR.items() if part in DECIDING)
# In which states somebody asks for the holders of a role, to decide or to be asked next, and agreements count.
ASKING_NEXT = ASKING | {State.DRAFT, State.COMPLETION_REQUESTED}
NEED_ATTESTANTS = ASKING_NEXT - {State.AWAITING_AGENT_APPROVAL}
NEED_AGENT_ATTESTANTS = ASKING_NEXT - {State.AWAITING_CUSTOMER_ATTEST}
NEED_HANDLERS = ASKING_NEXT - {State.AWAITING_CUSTOMER_ATTEST} | {State.AWAITING_CUSTOMER_SERVICE}
AGREED = ASKING_NEXT | {State.AWAITING_CUSTOMER_SERVICE}
NEED_ORDERERS = frozenset({State.AWAITING_CUSTOMER_SERVICE, State.INSTRUCTIONS_SENT})


@dataclass(frozen=True)
class Words:
    """What the two databases say differently."""

    array: str
    tuple: str
    text: str  # a parameter that may be None
    number: str
    day: str
    names: str  # whether a JSON column names a person


WORDS = {
    "sqlite": Words(
        array="json_group_array",
        tuple="json_array",
        text=":{0}",
        number=":{0}",
        day=":day",
        names="instr(COALESCE({0}, ''), r.person_id) > 0",
    ),
    "postgresql": Words(
        array="json_agg",
        tuple="json_build_array",
        text="CAST(:{0} AS text)",
        number="CAST(:{0} AS bigint)",
        day="CAST(CAST(:day AS text) AS date)",
        names="position(r.person_id IN COALESCE(CAST({0} AS text), '')) > 0",
    ),
}


@dataclass(frozen=True)
class Sides:
    """SQL for what an answer may change of a case: its agent, and what each side pays in the first year."""

    agent: str
    customer_ore: str
    agent_ore: str


_NOW = "{0}.valid_from <= :at AND ({0}.valid_to IS NULL OR {0}.valid_to > :at)"
_R_NOW, _S_NOW, _M_NOW = map(_NOW.format, "rsm")
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
      AND {_R_NOW} AND {{which}}"""  # noqa: S608 - constants
_OURS = "(r.organisation_id IN (c.customer_id, {agent}) OR r.role IN ('customer_service', 'customer_service_lead'))"
_GRANTS = """(SELECT {array}({tuple}(g.organisation_id, g.role, g.attest_limit_ore, g.service_id, g.absent_id))
  FROM ({rights}) g)"""
# First whom the rules or an answer name, then those whose limit and service fit, then the others.
_PLACE = """CASE WHEN h.id = :named OR {named_by_rules} THEN 0
      WHEN COALESCE(r.attest_limit_ore >= {ore}, TRUE) AND COALESCE(r.service_id = f.service_id, TRUE) THEN 1
      ELSE 2 END"""
_HOLDERS = f"""(SELECT {{array}}({{tuple}}(x.person_id, x.attest_limit_ore, x.service_id, x.absent_id)) FROM (
    SELECT r.person_id, r.attest_limit_ore, r.service_id, NULL AS absent_id, {_PLACE} AS place, 0 AS lent, r.id AS id
    FROM role_assignments r JOIN persons h ON h.id = r.person_id AND h.active
    WHERE r.organisation_id = {{organisation}} AND r.role = '{{role}}' AND {_R_NOW}
    UNION ALL
    SELECT s.substitute_id, r.attest_limit_ore, r.service_id, r.person_id, {_PLACE}, 1, r.id
    FROM role_assignments r CROSS JOIN persons a CROSS JOIN substitutions s CROSS JOIN persons h
    WHERE r.organisation_id = {{organisation}} AND r.role = '{{role}}' AND {_R_NOW}
      AND a.id = r.person_id AND a.active
      AND s.absent_id = r.person_id AND s.organisation_id = r.organisation_id AND s.role = r.role AND {_S_NOW}
      AND h.id = s.substitute_id AND h.active
    ORDER BY place, lent, id LIMIT {CHOOSABLE}) x)"""  # noqa: S608 - constants
_AGREEMENT = """EXISTS (SELECT 1 FROM agreements m WHERE m.organisation_id = {organisation} AND m.type = '{type}'
    AND m.valid_from <= :at AND (m.ended_at IS NULL OR m.ended_at > :at))"""
_ASSIGNMENT = f"""EXISTS (SELECT 1 FROM agent_assignments m
    WHERE m.agent_id = {{agent}} AND m.service_id = f.service_id AND {_M_NOW})"""  # noqa: S608 - constants
_PRICES = """(SELECT {array}({tuple}(t.payer, t.kind, t.unit, t.amount_ore, t.period)) FROM price_items t
    WHERE t.offer_id = c.offer_id AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to >= {day}))"""
ORDERER_IS_ACTIVE = f"""(o.active AND EXISTS (SELECT 1 FROM role_assignments r
    WHERE r.organisation_id = c.customer_id AND r.role = 'orderer' AND r.person_id = o.id AND {_R_NOW}))"""  # noqa: S608 - constants
_THE_CLOCK = "p.id IS NULL"
_ORDERER_LEFT = f"NOT {ORDERER_IS_ACTIVE}"


def rights(person: str, which: str = "TRUE") -> str:
    """A person's valid roles, own and lent: organisation_id, role, attest_limit_ore, service_id, absent_id."""
    return _RIGHTS.format(person=person, which=which)


def authority(words: Words, sides: Sides) -> str:
    """The columns of `core.storage.situations.Authority`, in its order. What nobody needs in a state is not run."""

    def holders(organisation: str, role: Role, ore: str = "0", declared: str | None = None) -> str:
        named = "FALSE" if declared is None else words.names.format(declared)
        return _HOLDERS.format(
            array=words.array, tuple=words.tuple, organisation=organisation, role=role, ore=ore, named_by_rules=named
        )

    def agreement(organisation: str, kind: AgreementType) -> str:
        return _when(_in(AGREED), _AGREEMENT.format(organisation=organisation, type=kind), "TRUE")

    customer, agent = "c.customer_id", sides.agent
    return ",\n  ".join(
        (
            _GRANTS.format(array=words.array, tuple=words.tuple, rights=rights("p.id", _OURS.format(agent=agent))),
            _when(_in(NEED_ATTESTANTS), holders(customer, Role.ATTESTANT, sides.customer_ore, "cu.tiers")),
            _when(_in(NEED_HANDLERS), holders(agent, Role.AGENT_HANDLER)),
            _when(
                f"{_in(NEED_AGENT_ATTESTANTS)} OR {_THE_CLOCK}",
                holders(agent, Role.ATTESTANT, sides.agent_ore, "ag.tiers"),
            ),
            _when(f"{_in(NEED_ORDERERS)} OR {_ORDERER_LEFT}", holders(customer, Role.ORDERER)),
            _when(f"{_THE_CLOCK} OR {_ORDERER_LEFT}", holders(customer, Role.ADMINISTRATOR)),
            _when(_THE_CLOCK, holders(agent, Role.ADMINISTRATOR)),
            "cu.self_attest_allowed, cu.eid_from_ore, cu.tiers",
            "ag.self_attest_allowed, ag.eid_from_ore, ag.tiers",
            "f.service_id",
            ORDERER_IS_ACTIVE,
            agreement(customer, AgreementType.KUNDAVTAL),
            agreement(agent, AgreementType.AGENTAVTAL),
            _when(_in(AGREED), _ASSIGNMENT.format(agent=agent), "TRUE"),
            _when(_in(ASKING), _PRICES.format(array=words.array, tuple=words.tuple, day=words.day)),
        )
    )


def _in(states: Iterable[State]) -> str:
    return "c.state IN ({})".format(", ".join(f"'{state}'" for state in sorted(states)))


def _when(condition: str, then: str, otherwise: str = "NULL") -> str:
    return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
