"""Lives replayed: what their rows of history alone make of the cases."""

from types import SimpleNamespace

from core.audit.case_comparison import compare_case
from core.audit.case_replay import replay_record
from core.audit.change_records import case_before, flow_tables
from core.audit.register_replay import (
    EntryKey,
    EntryKind,
    ReplayedAgreement,
    ReplayedAssignment,
    ReplayedEntry,
    ReplayedOffer,
    ReplayedRole,
    ReplayedSubstitution,
    Rights,
    assignment,
)
from core.shared.vocabulary import OfferId, Side
from core.storage.audit.replaying import replayed_record
from core.storage.cases.repository import history_values
from core.storage.context.coding import amount_ore
from core.workflow.flows import VERSION
from tests.support.world import seed

# What the statements of a press call otherwise than the columns.
COLUMNS = {"case": "case_id", "person": "person_id", "organisation": "organisation_id", "to_revision": "revision"}


class Replayed:
    """Follows the rows of history that changes leave, and nothing else of them."""

    def __init__(self, tables=None):
        self.tables = tables or flow_tables()
        self.cases = {}
        self.rows = 0

    def differences(self, change, stored, rights=None):
        """What a change and the case that it left say otherwise than its row; `rights` as they are when it is made."""
        self.rows += 1
        told = replayed_record(row_of(self.rows, change))
        offer = stored.order.offer if stored.is_order else OfferId("")
        before = self.cases.get(told.case) or case_before(told, stored.flow, offer)
        taken = replay_record(before, told, self.tables[told.version or VERSION], rights)
        self.cases[told.case] = taken.case
        customer, agent = (amount_ore(stored, side) if stored.is_order else 0 for side in (Side.CUSTOMER, Side.AGENT))
        return [*taken.differs, *compare_case(taken.case, stored, (customer, agent), is_bare=False)]


def rights_of(world, at):
    """The register of a world as lines of history would tell it."""
    rights = Rights()
    for number, each in enumerate(world.roles):
        held = ReplayedRole(
            each.person, each.organisation, each.role, each.service, each.limit_ore, seed.LONG_AGO, None
        )
        rights.take(ReplayedEntry(EntryKey(EntryKind.ROLE, f"{number}"), held))
    for number, each in enumerate(world.substitutions):
        days = each.valid_from, each.valid_to
        lent = ReplayedSubstitution(each.absent, each.substitute, each.organisation, each.role, *days)
        rights.take(ReplayedEntry(EntryKey(EntryKind.SUBSTITUTION, f"{number}"), lent))
    for where, each in world.rules.items():
        said = {
            EntryKind.SELF_ATTEST: each.self_attest_allowed,
            EntryKind.EID: each.eid_from_ore,
            EntryKind.TIERS: each.tiers,
            EntryKind.REMINDERS: each.reminder_days,
            EntryKind.REMINDER_HOUR: each.reminder_hour,
        }
        for of, value in said.items():
            rights.take(ReplayedEntry(EntryKey(of, where), value))
    for number, (organisation, type_) in enumerate(world.agreements):
        rights.take(
            ReplayedEntry(
                EntryKey(EntryKind.AGREEMENT, f"{number}"), ReplayedAgreement(organisation, type_, seed.LONG_AGO, None)
            )
        )
    for agent, service in world.assignments:
        rights.take(ReplayedEntry(assignment(agent, service), ReplayedAssignment(seed.LONG_AGO, None)))
    for offer, each in world.offers.items():
        what = each.service, each.flow, each.agent_field, each.needs_units, each.categories
        rights.take(
            ReplayedEntry(
                EntryKey(EntryKind.OFFER, offer),
                ReplayedOffer(*what, active=True, sole_traders_only=False, terms_url=""),
            )
        )
    return rights


def row_of(id_, change):
    """The row of history that a change leaves, as it is stored."""
    return SimpleNamespace(id=id_, **{COLUMNS.get(name, name): said for name, said in history_values(change).items()})
