"""Lives replayed: what their rows of history alone make of the cases."""

from types import SimpleNamespace

from core.audit.case_replay import begun, compared, step, tables_of
from core.audit.register_replay import (
    Agreed,
    Assigned,
    Key,
    Lent,
    Of,
    Offered,
    ReplayedEntry,
    ReplayedRole,
    Rights,
    assignment,
)
from core.shared.vocabulary import OfferId, Side
from core.storage.audit.replaying import told_of
from core.storage.cases.saving import history_values
from core.storage.context.coding import amount_ore
from core.workflow.flows import VERSION
from tests.support.world import seed

# What the statements of a press call otherwise than the columns.
COLUMNS = {"case": "case_id", "person": "person_id", "organisation": "organisation_id", "to_revision": "revision"}


class Replayed:
    """Follows the rows of history that changes leave, and nothing else of them."""

    def __init__(self, tables=None):
        self.tables = tables or tables_of()
        self.cases = {}
        self.rows = 0

    def differences(self, change, stored, rights=None):
        """What a change and the case that it left say otherwise than its row; `rights` as they are when it is made."""
        self.rows += 1
        told = told_of(row_of(self.rows, change))
        offer = stored.order.offer if stored.is_order else OfferId("")
        before = self.cases.get(told.case) or begun(told, stored.flow, offer)
        taken = step(before, told, self.tables[told.version or VERSION], rights)
        self.cases[told.case] = taken.case
        customer, agent = (amount_ore(stored, side) if stored.is_order else 0 for side in (Side.CUSTOMER, Side.AGENT))
        return [*taken.differs, *compared(taken.case, stored, (customer, agent), is_bare=False)]


def rights_of(world, at):
    """The register of a world as lines of history would tell it."""
    rights = Rights()
    for number, each in enumerate(world.roles):
        held = ReplayedRole(
            each.person, each.organisation, each.role, each.service, each.limit_ore, seed.LONG_AGO, None
        )
        rights.stand(ReplayedEntry(Key(Of.ROLE, f"{number}"), held))
    for number, each in enumerate(world.substitutions):
        days = each.valid_from, each.valid_to
        lent = Lent(each.absent, each.substitute, each.organisation, each.role, *days)
        rights.stand(ReplayedEntry(Key(Of.SUBSTITUTION, f"{number}"), lent))
    for where, each in world.rules.items():
        said = {Of.SELF_ATTEST: each.self_attest_allowed, Of.EID: each.eid_from_ore, Of.TIERS: each.tiers}
        for of, value in said.items():
            rights.stand(ReplayedEntry(Key(of, where), value))
    for number, (organisation, type_) in enumerate(world.agreements):
        rights.stand(ReplayedEntry(Key(Of.AGREEMENT, f"{number}"), Agreed(organisation, type_, seed.LONG_AGO, None)))
    for agent, service in world.assignments:
        rights.stand(ReplayedEntry(assignment(agent, service), Assigned(seed.LONG_AGO, None)))
    for offer, each in world.offers.items():
        what = each.service, each.flow, each.agent_field, each.needs_units, each.categories
        rights.stand(
            ReplayedEntry(Key(Of.OFFER, offer), Offered(*what, active=True, sole_traders_only=False, terms_url=""))
        )
    return rights


def row_of(id_, change):
    """The row of history that a change leaves, as it is stored."""
    return SimpleNamespace(id=id_, **{COLUMNS.get(name, name): said for name, said in history_values(change).items()})
