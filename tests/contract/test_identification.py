"""A decision that needs e-identification is made with a proof: of one person, for one decision, once."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_urlsafe

import pytest
from sqlalchemy import insert, select, update

from core.api import Action, ActOnCase, Answers, Assurance, Identification, Identity, Seen, State, Surface, Unit, new_id
from core.identity.proofs import Occasion
from core.identity.tokens import token_hash
from core.shared import errors
from core.storage import tables
from core.storage.cases.repository import SqlCaseRepository
from core.storage.identity.proofs import SqlProofs
from core.storage.retention.purging_rows import PROOFS
from tests.contract.office import Office, identity, open_office
from tests.support.world.eid import HttpMethod, eid_service, identify
from tests.support.world.seed import ANNA, BO, CECILIA, REGION

EID = "eid:testid"


@dataclass
class Desk:
    """An office whose region asks for e-identification for everything, and the use cases that go with it."""

    office: Office
    identification: Identification

    async def wish(self, case, person=BO, action=Action.ATTEST, proof="") -> ActOnCase:
        seen, answers = Seen(case.step, case.content_version), Answers(confirmed=True, reason="Driftstopp")
        return ActOnCase(case.id, action, identity(person), Surface.SLACK, seen, answers, proof=proof)

    async def begin(self, case, **given) -> str:
        return await self.identification.begin(await self.wish(case, **given))

    async def proof(self, case, person=BO, **given) -> str:
        """Somebody goes where told, identifies, and comes back."""
        address = await self.begin(case, person=person, **given)
        return (await self.identification.complete(await identify(address, person))).token

    async def attest(self, case, person=BO, *, proof=""):
        return await self.office.orders.act(await self.wish(case, person, proof=proof))

    async def refusal(self, case, person=BO, *, proof="") -> type[errors.OrderError]:
        with pytest.raises(errors.OrderError) as refused:
            await self.attest(case, person, proof=proof)
        return refused.type

    async def rows(self, table):
        return await self.office.database.read(lambda connection: connection.execute(select(table)).mappings().all())


@pytest.fixture
async def method():
    async with eid_service() as made:
        yield made


@pytest.fixture
async def desk(database_url, method: HttpMethod):
    office = await open_office(database_url)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, eid_from_ore=0)
    await linked(office, BO, CECILIA)
    store, proofs = SqlCaseRepository(office.database), SqlProofs(office.database, new_id)
    yield Desk(office, Identification(store, proofs, method, office.clock, lambda: token_urlsafe(32)))
    await office.database.close()


# Refusals, and which test meets them.
def refused() -> dict[type[errors.OrderError], object]:
    return {
        errors.IdentificationNotOffered: test_without_a_method_the_refusal_says_what_to_do,
        errors.IdentificationNotNeeded: test_nobody_is_sent_to_identify_for_what_would_be_refused_all_the_same,
        errors.NotIdentified: test_an_identification_answers_once_and_in_time,
        errors.AttemptGone: test_an_identification_answers_once_and_in_time,
        errors.IdentityNotLinked: test_whoever_identifies_is_the_person_who_was_sent,
        errors.IdentifiedAsAnother: test_whoever_identifies_is_the_person_who_was_sent,
        errors.ProofUnknown: test_without_a_proof_the_decision_is_refused_and_nothing_is_decided,
        errors.ProofOfAnother: test_a_proof_is_one_persons,
        errors.ProofElsewhere: test_a_proof_is_for_one_order_and_one_action,
        errors.ProofUsed: test_a_proof_counts_once,
        errors.ProofOutdated: test_a_proof_is_not_for_what_the_order_became_later,
        errors.ProofExpired: test_a_proof_ends_after_a_quarter,
    }


async def linked(office: Office, *people) -> None:
    rows = [
        {"issuer": EID, "subject": each, "person_id": each, "state": "confirmed", "at": office.clock()}
        for each in people
    ]
    await office.database.write(lambda connection: connection.execute(insert(tables.identities), rows).close())


async def test_a_decision_with_a_proof_is_made_and_history_says_by_which(desk: Desk):
    case = await desk.office.place()

    done = await desk.attest(case, proof=await desk.proof(case))

    (proof,) = await desk.rows(tables.proofs)
    line = (await desk.rows(tables.history))[-1]
    assert done.decision.assurance is Assurance.EID_LINK
    assert (line["action"], line["assurance"]) == ("attest", "eid_link")
    assert json.loads(line["evidence"])["proof"] == proof["id"]
    assert proof["id"].startswith("testid:")
    assert proof["used_at"] == desk.office.clock()


async def test_without_a_proof_the_decision_is_refused_and_nothing_is_decided(desk: Desk):
    case = await desk.office.place()

    assert await desk.refusal(case) is errors.IdentificationRequired
    assert await desk.refusal(case, proof="made-up") is errors.ProofUnknown
    assert [line["action"] for line in await desk.rows(tables.history)] == ["submit"]


async def test_a_proof_counts_once(desk: Desk):
    two = [{"from_ore": 0, "attests": 2}]
    await desk.office.change(tables.organisations, tables.organisations.c.id == REGION, tiers=two)
    case = await desk.office.place()
    proof = await desk.proof(case)
    await desk.attest(case, proof=proof)

    # What was attested is taken back to be attested anew, at the same step and version.
    await desk.office.change(tables.cases, tables.cases.c.id == case.id, decisions="[]")

    assert await desk.refusal(case, proof=proof) is errors.ProofUsed


async def test_of_two_presses_at_once_with_one_proof_one_decides(desk: Desk):
    case = await desk.office.place()
    proof = await desk.proof(case)

    done = await asyncio.gather(*(desk.attest(case, proof=proof) for _ in range(5)), return_exceptions=True)

    assert sum(not isinstance(each, Exception) for each in done) == 1
    assert {type(each) for each in done if isinstance(each, Exception)} <= {errors.AlreadyDecidedByYou, errors.TryAgain}
    assert [line["action"] for line in await desk.rows(tables.history)] == ["submit", "attest"]


async def test_a_proof_is_one_persons(desk: Desk):
    case = await desk.office.place()

    assert await desk.refusal(case, CECILIA, proof=await desk.proof(case)) is errors.ProofOfAnother


async def test_a_proof_is_for_one_order_and_one_action(desk: Desk):
    case, other = await desk.office.place(), await desk.office.place(key="V2", units=(Unit("Annan"),))
    proof = await desk.proof(other)

    assert await desk.refusal(case, proof=proof) is errors.ProofElsewhere


async def test_a_proof_is_not_for_what_the_order_became_later(desk: Desk):
    case = await desk.office.place()
    proof = await desk.proof(case)
    await desk.office.press(case, CECILIA, Action.REQUEST_COMPLETION, message="Vilken enhet?")
    later = await desk.office.press(replace(case, step=case.step + 1), ANNA, Action.ANSWER, message="Enheten är ny")

    assert await desk.refusal(later, proof=proof) is errors.ProofOutdated


async def test_a_proof_ends_after_a_quarter(desk: Desk):
    case = await desk.office.place()
    other = await desk.office.place(key="V2", units=(Unit("Vårdcentralen Väster"),))
    proof, another = await desk.proof(case), await desk.proof(other)
    desk.office.clock.forward(minutes=14, seconds=59)
    decided = await desk.attest(other, BO, proof=another)
    desk.office.clock.forward(seconds=1)

    assert decided.after.state is State.AWAITING_CUSTOMER_SERVICE
    assert await desk.refusal(case, proof=proof) is errors.ProofExpired


async def test_an_identification_answers_once_and_in_time(desk: Desk):
    case = await desk.office.place()
    answer = await identify(await desk.begin(case), BO)
    await desk.identification.complete(answer)
    late, in_time = [await identify(await desk.begin(case), BO) for _ in range(2)]
    desk.office.clock.forward(minutes=29, seconds=59)
    await desk.identification.complete(in_time)
    desk.office.clock.forward(seconds=1)

    with pytest.raises(errors.NotIdentified):
        await desk.identification.complete(answer)
    with pytest.raises(errors.AttemptGone):
        await desk.identification.complete(late)


async def test_of_two_who_come_back_with_one_answer_at_once_one_has_the_proof(desk: Desk):
    """As many as there are attempts, each twice: whoever was slower has no proof of what the other may use."""
    case = await desk.office.place()
    at, until = desk.office.clock(), desk.office.clock() + timedelta(minutes=1)
    proofs, made = desk.identification.proofs, [f"attempt {number}" for number in range(5)]
    for attempt in made:
        occasion = Occasion(BO, case.id, case.step, case.content_version, Action.ATTEST)
        await proofs.begin(attempt, occasion, method="testid", at=at, until=until)

    tokens = [(attempt, f"{attempt}, {turn}") for attempt in made for turn in ("first", "second")]
    ends = await asyncio.gather(
        *(proofs.complete(attempt, Identity(EID, BO), token, at=at, until=until) for attempt, token in tokens),
        return_exceptions=True,
    )

    won = {token_hash(token) for (_, token), end in zip(tokens, ends, strict=True) if isinstance(end, Occasion)}
    assert [type(end) for end in ends if not isinstance(end, Occasion)] == [errors.AttemptGone] * 5
    assert won == {row["hash"] for row in await desk.rows(tables.proofs)}


async def test_whoever_identifies_is_the_person_who_was_sent(desk: Desk):
    case = await desk.office.place()
    as_another = await identify(await desk.begin(case), CECILIA)
    as_a_stranger = await identify(await desk.begin(case), "P-nobody")

    with pytest.raises(errors.IdentifiedAsAnother):
        await desk.identification.complete(as_another)
    with pytest.raises(errors.IdentityNotLinked):
        await desk.identification.complete(as_a_stranger)


async def test_nobody_is_sent_to_identify_for_what_would_be_refused_all_the_same(desk: Desk):
    case = await desk.office.place()

    with pytest.raises(errors.NoRole):
        await desk.begin(case, person=ANNA)
    with pytest.raises(errors.IdentificationNotNeeded):
        await desk.begin(case, action=Action.REJECT)
    assert await desk.rows(tables.proofs) == []


async def test_without_a_method_the_refusal_says_what_to_do(desk: Desk):
    case = await desk.office.place()
    without = Desk(desk.office, replace(desk.identification, method=None))

    with pytest.raises(errors.IdentificationNotOffered):
        await without.begin(case)


async def test_secrets_are_stored_as_digests(desk: Desk):
    proof = await desk.proof(await desk.office.place())

    (row,) = await desk.rows(tables.proofs)
    assert proof not in map(str, row.values())
    assert len(row["hash"]) == len(row["attempt"]) == 64


async def test_old_proofs_are_purged_and_young_ones_stay(desk: Desk):
    case = await desk.office.place()
    await desk.proof(case)
    await desk.office.database.write(
        lambda connection: connection.execute(
            update(tables.proofs).values(begun_at=desk.office.clock() - timedelta(days=91))
        ).close()
    )
    await desk.proof(case)
    purge, before = PROOFS, desk.office.clock() - timedelta(days=90)

    due = await desk.office.database.read(lambda connection: purge.count(connection, before))
    taken = [
        await desk.office.database.write(lambda connection: purge.take(connection, before, desk.office.clock()))
        for _ in range(2)
    ]

    assert (due, taken, len(await desk.rows(tables.proofs))) == (1, [1, 0], 1)
