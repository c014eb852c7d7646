"""Any people doing anything to applications in any order, by old cards and old links, while the clock goes on.

The invariants are the domain's (6.1, and case 6, 7, 20 and 33 of section 8), written apart from the tables.
"""

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.api import (
    Action,
    ActOnCase,
    Answers,
    Contact,
    CustomerCategory,
    Flow,
    Identity,
    OrderError,
    Purpose,
    Seen,
    Surface,
)
from core.storage import tables
from core.storage.audit.replaying import replay
from tests.support.machines.folders import memory
from tests.support.machines.large import IN_CI, at_night
from tests.support.world import seed
from tests.support.world.applicants import METHOD, form, open_hall, over, wish
from tests.support.world.baseline import write_baseline
from tests.support.world.seed import ANNA, BO, KALLE, KARIN, TEAM

NUMBERS = ("222222-2222", "555555-5555", "556000-0001")
NAMED = [Contact(f"Namn {letter}", f"{letter}@bygden.example") for letter in "abcd"]
CLOSED = {
    "application_rejected",
    "application_withdrawn",
    "agreement_declined",
    "agreement_active",
    "cancelled",
    "expired",
}
NEXT = {
    "draft": {"application_submitted"},
    "application_submitted": {
        "application_completion_requested",
        "application_rejected",
        "application_withdrawn",
        "agreement_awaiting_signature",
    },
    "application_completion_requested": {"application_submitted", "application_withdrawn", "expired"},
    "agreement_awaiting_signature": {"agreement_active", "agreement_declined", "agreement_expired", "cancelled"},
    "agreement_expired": {"agreement_awaiting_signature", "cancelled", "expired"},
}
OF_SERVICE = {"claim", "release", "take_over", "approve", "reject", "request_completion", "recuse", "renew", "cancel"}
OF_THE_CLOCK = {"escalate", "expire", "remind"}
BEFORE_APPROVAL = {
    "application_submitted",
    "application_completion_requested",
    "application_rejected",
    "application_withdrawn",
}
TABLES = (
    tables.organisations,
    tables.persons,
    tables.role_assignments,
    tables.agreements,
    tables.documents,
    tables.signatures,
    tables.cases,
    tables.cards,
    tables.placements,
)
WORDS = Answers(confirmed=True, reason="Därför.", message="Vem?")
WHICH = st.integers(0, 5)


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory):
    """An empty portal that every life begins with a copy of."""
    path = tmp_path_factory.mktemp("lives") / "template.db"

    async def make():
        hall = await open_hall(f"sqlite:///{path}")
        await hall.database.write(lambda connection: write_baseline(connection, seed.LONG_AGO))
        await hall.database.close()

    asyncio.run(make())
    Lives.template = path
    return path


class Lives(RuleBasedStateMachine):
    """A portal, some applications. Everything may be refused, and a refusal changes nothing and tells nobody."""

    template: Path

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=memory())
        path = Path(self.folder.name) / "life.db"
        shutil.copy(self.template, path)
        self.runner = asyncio.Runner()
        # What happens at one instant is listed by id: a life that is told again must get the same ids again.
        numbers = itertools.count(1)
        self.hall = self.run(over(f"sqlite:///{path}", lambda prefix: f"{prefix}{next(numbers):07}"))
        self.links = {}
        self.look()

    def teardown(self):
        try:
            replayed = self.run(replay(self.hall.database))
            assert (replayed.differences, replayed.not_replayable) == ([], 0), "a life is another by its history"
        finally:
            self.run(self.hall.database.close())
        self.runner.close()
        self.folder.cleanup()

    def run(self, doing):
        return self.runner.run(doing)

    @initialize(far=st.integers(0, 6), needed=st.integers(1, 2), asks=st.booleans())
    def once_upon_a_time(self, far, needed, asks):
        """One that has come some of the way."""
        self.somebody_applies(NUMBERS[0], Flow.CUSTOMER_APPLICATION, NAMED[:2], needed, 0)
        for action in [Action.CLAIM, Action.REQUEST_COMPLETION if asks else Action.APPROVE][:far]:
            self.somebody_presses(0, KARIN, action, 0)
        for who in range(0 if asks else far - 3):
            self.somebody_opens_a_link_and_signs(0, who % 2, who, declines=False, document="own")

    # --- what people do

    @rule(
        number=st.sampled_from(NUMBERS),
        flow=st.sampled_from([Flow.CUSTOMER_APPLICATION, Flow.CUSTOMER_APPLICATION, Flow.AGENT_APPLICATION]),
        signatories=st.lists(st.sampled_from(NAMED), min_size=1, max_size=3, unique=True),
        needed=st.integers(1, 3),
        key=st.integers(0, 6),
    )
    def somebody_applies(self, number, flow, signatories, needed, key):
        made = wish(
            flow,
            str(key),
            org_number=number,
            category=CustomerCategory.REGION,
            administrator=NAMED[key % 4],
            signatories=tuple(signatories),
            signatures_needed=min(needed, len(signatories)),
        )
        self.do(lambda: self.hall.applications.apply(made), may_repeat=True)

    @precondition(lambda self: self.cases())
    @rule(
        which=WHICH,
        person=st.sampled_from([KARIN, KARIN, KARIN, KALLE, ANNA, BO]),
        action=st.sampled_from(
            [Action.CLAIM, Action.CLAIM, Action.APPROVE, Action.APPROVE, Action.APPROVE, Action.RENEW, *Action]
        ),
        age=st.sampled_from([0, 0, 0, 1]),
    )
    def somebody_presses(self, which, person, action, age):
        case = self.case(which)
        account, seen = Identity(TEAM, seed.slack_user(person)), Seen(max(case.step - age, 0), case.content_version)
        command = ActOnCase(case.id, action, account, Surface.SLACK, seen, WORDS)
        self.do(lambda: self.hall.orders.act(command))

    @precondition(lambda self: self.cases())
    @rule(which=WHICH, withdraws=st.sampled_from([*[False] * 9, True]), ref=st.sampled_from(["1", "2"]))
    def the_applicant_answers_or_withdraws(self, which, withdraws, ref):
        token = self.link(self.case(which), NAMED[0], Purpose.FOLLOW, 0)
        desk = self.hall.applications
        self.do(lambda: desk.withdraw(token) if withdraws else desk.complete(token, form(invoice_ref=ref), "Så."))

    @precondition(lambda self: any(case.application.document for case in self.cases()))
    @rule(
        which=WHICH,
        who=st.integers(0, 3),
        number=st.integers(0, 2),
        declines=st.sampled_from([False, False, False, False, True]),
        document=st.sampled_from(["own", "own", "own", "own", "another"]),
    )
    def somebody_opens_a_link_and_signs(self, which, who, number, declines, document):
        approved = [case for case in self.cases() if case.application.document]
        case = approved[which % len(approved)]
        contacts = case.application.contacts
        token = self.link(case, contacts[who % len(contacts)], Purpose.SIGN, number)
        hash_ = case.application.document.hash if document == "own" else document
        desk = self.hall.applications
        self.do(lambda: desk.decline(token, "Nej.") if declines else desk.sign(token, hash_, METHOD))

    @rule(days=st.sampled_from([0, 1, 8, 25, 60]))
    def time_passes(self, days):
        self.hall.clock.forward(days=days)
        self.run(self.hall.tick())
        self.look()
        self.check()

    @precondition(lambda self: self.rows(tables.agreements))
    @rule(which=WHICH)
    def an_agreement_ends(self, which):
        rows = [each for each in self.rows(tables.agreements) if each["valid_from"] and not each["ended_at"]]
        if rows:
            self.run(self.hall.end_agreement(rows[which % len(rows)]["organisation_id"]))
            self.look()

    # --- what always holds

    @invariant()
    def nobody_has_two_organisations_or_two_agreements_of_a_type_that_go_on(self):
        numbers = [each["org_number"] for each in self.rows(tables.organisations)]
        going_on = [each for each in self.rows(tables.agreements) if each["ended_at"] is None]
        kept = [(each["organisation_id"], each["type"]) for each in going_on]
        assert len(set(numbers)) == len(numbers)
        assert len(set(kept)) == len(kept)

    @invariant()
    def an_agreement_holds_when_all_who_must_have_signed_and_never_before(self):
        for case in self.cases():
            signed = self.rows(tables.signatures, case_id=case.id)
            assert (len(signed) >= case.application.signatures_needed) == (case.state == "agreement_active")
            named = {each.person for each in case.application.signatories}
            assert {each["person_id"] for each in signed} <= named - {None}
            for each in signed:
                assert each["document_hash"] == case.application.document.hash
        active = {case.id for case in self.cases() if case.state == "agreement_active"}
        for each in self.rows(tables.agreements):
            assert each["case_id"] is None or (each["valid_from"] is not None) == (each["case_id"] in active)

    @invariant()
    def what_was_signed_stays_as_it_was_signed(self):
        rows = {each["case_id"]: each for each in self.rows(tables.agreements)}
        documents = {each["hash"]: each for each in self.rows(tables.documents)}
        for case in self.cases():
            if case.state == "agreement_active":
                made, document = rows[case.id], case.application.document
                assert (made["valid_from"], made["document_hash"]) == (case.closed_at, document.hash)
                assert documents[document.hash]["case_id"] == case.id

    @invariant()
    def nothing_is_made_before_somebody_approves(self):
        approved = {each.application.org_number for each in self.cases() if each.state not in BEFORE_APPROVAL}
        known = {each["org_number"] for each in self.rows(tables.organisations)} - SEEDED
        assert known <= approved
        for case in self.cases():
            if case.state in BEFORE_APPROVAL:
                assert case.application.document is None
                assert not self.rows(tables.agreements, case_id=case.id)

    @invariant()
    def only_those_who_are_named_are_written_to_and_only_of_what_has_come_to_be(self):
        cases = {case.id: case for case in self.cases()}
        for card in self.rows(tables.cards):
            case = cases[card["case_id"]]
            assert card["email"] is None or card["email"] in {each.email for each in case.application.contacts} | OLD
            if card["kind"] in {"agreement_to_sign", "sign_reminder"}:
                assert card["email"] in {each.email for each in case.application.signatories}
                assert case.state not in BEFORE_APPROVAL
            assert card["kind"] != "invitation" or case.state == "agreement_active"

    # --- helpers

    def do(self, doing, *, may_repeat=False):
        before = self.stored
        try:
            self.run(doing())
        except OrderError:
            self.look()
            assert self.stored == before
            return
        self.look()
        assert may_repeat or self.stored != before
        self.check()

    def check(self):
        """Every case went by steps of the domain, by whom they belong to, with a line for each revision."""
        for case in self.cases():
            lines = [each for each in self.rows(tables.history, case_id=case.id) if each["kind"] == "change"]
            assert [each["revision"] for each in lines] == list(range(1, case.revision + 1))
            recused = set()
            for line in lines:
                assert line["to_state"] == line["from_state"] or line["to_state"] in NEXT[line["from_state"]]
                self.by_whom(line)
                assert line["action"] == "release" or line["person_id"] not in recused
                if line["action"] == "recuse":
                    recused.add(line["person_id"])
            assert (case.closed_at is not None) == (case.state in CLOSED)
            assert (case.due_at is not None) == (case.state not in CLOSED)

    def by_whom(self, line):
        if line["part"] == "clock":
            assert line["action"] in OF_THE_CLOCK
            assert line["person_id"] is None
        elif line["part"] == "customer_service":
            assert line["action"] in OF_SERVICE
            assert line["person_id"] in {KARIN, KALLE}
        elif line["part"] == "signatory":
            assert line["action"] in {"sign", "decline"}
            assert line["surface"] == "mail"
        else:
            assert (line["part"], line["person_id"]) == ("applicant", None)
            assert line["action"] in {"submit", "answer", "withdraw"}

    def link(self, case, contact, purpose, number):
        """A token from a mail that came once; asked for again, the same."""
        key = case.id, contact.email, purpose, number
        if key not in self.links:
            self.links[key] = self.run(self.hall.link(case, contact, purpose, number))
        return self.links[key]

    def look(self):
        """Read all there is, once after each change: rules and invariants ask for it many times."""
        self.stored = self.run(self.hall.tables(*TABLES, tables.history))
        self.known = self.run(self.hall.cases())

    def cases(self):
        return self.known

    def case(self, which):
        return self.known[which % len(self.known)]

    def rows(self, table, **where):
        return [row for row in self.stored[table.name] if all(row[name] == value for name, value in where.items())]


SEEDED = {"2321000016", "5555555555", "5560000001", "5565594230"}
# An answer may name others than were written to before.
OLD = {each.email for each in NAMED}
TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=at_night(2_000, 60 if IN_CI else 12), stateful_step_count=25)
