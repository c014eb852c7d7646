"""The presses during which the product is killed: in which world, how one comes to them, and what they leave behind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import delete

from core.api import Case, Orders
from core.storage import tables
from core.storage.database.database import Database
from tests.contract.counting import ATTEST as ATTESTED
from tests.contract.counting import CLAIM as CLAIMED
from tests.contract.counting import press
from tests.contract.office import wish
from tests.flow.people import fill, open_form
from tests.flow.slack import Json
from tests.kill.crash import Crash
from tests.support.world.seed import ANNA, BO, KARIN, NPO_KONSUMENT

Press = Callable[[], Json]


@dataclass(frozen=True)
class Follower:
    """Who acts next, on which message: where copies of it stand, each is pressed."""

    who: str
    action: str
    does: str
    confirms: bool = False


@dataclass(frozen=True)
class Story:
    """One press. `before` and `after` are what has been done, `told` what the presser hears who presses once more."""

    past: Callable[[Orders, Database], Awaitable[object]]
    who: str
    action: str
    comes_to: Callable[[Crash], Press]
    answer: Json
    before: tuple[str, ...]
    after: tuple[str, ...]
    told: str
    follower: Follower


async def nothing(orders: Orders, database: Database) -> None:
    """Nobody has ordered anything."""


async def ordered(orders: Orders, database: Database) -> Case:
    """Anna has ordered, and Bo may attest."""
    return await orders.place(wish())


async def attested(orders: Orders, database: Database) -> Case:
    """Bo has attested, and customer service may take the case."""
    return (await orders.act(press(await ordered(orders, database), *ATTESTED))).after


async def claimed(orders: Orders, database: Database) -> None:
    """Karin has taken the case."""
    await orders.act(press(await attested(orders, database), *CLAIMED))


async def ordered_from_a_stranger(orders: Orders, database: Database) -> None:
    """Bo may attest, but nobody knows yet which account is Bo's."""
    bos = delete(tables.identities).where(tables.identities.c.person_id == BO)
    await database.write(lambda connection: connection.execute(bos))
    await ordered(orders, database)


def _to_the_form(crash: Crash) -> Press:
    anna = crash.person(ANNA)
    form = open_form(anna, NPO_KONSUMENT)
    return lambda: anna.submit(form, **fill(form, NPO_KONSUMENT))


def _to_the_confirmation(crash: Crash) -> Press:
    bo = crash.person(BO)
    bo.press(bo.message("Attestera"), "kp.attest")
    modal = bo.modal()
    return lambda: bo.submit(modal)


def _to_the_button(who: str, action: str) -> Callable[[Crash], Press]:
    def come(crash: Crash) -> Press:
        person = crash.person(who)
        return lambda: person.act(crash.offering(who, action)[-1], action)

    return come


_BOS_ATTEST = Follower(BO, "kp.attest", "attest", confirms=True)
_CLAIM = Follower(KARIN, "kp.claim", "claim")
_RELEASE = Follower(KARIN, "kp.release", "release")

STORIES = {
    "an order is placed": Story(
        nothing, ANNA, "", _to_the_form, {"response_action": "update"}, (), ("submit",), "är skickad", _BOS_ATTEST
    ),
    "an attestant attests": Story(
        ordered,
        BO,
        "kp.attest",
        _to_the_confirmation,
        {"response_action": "clear"},
        ("submit",),
        ("submit", "attest"),
        "Du har redan svarat",
        _CLAIM,
    ),
    "customer service takes a case": Story(
        attested,
        KARIN,
        "kp.claim",
        _to_the_button(KARIN, "kp.claim"),
        {"status": 200},
        ("submit", "attest"),
        ("submit", "attest", "claim"),
        "Du har redan tagit ärendet",
        _RELEASE,
    ),
    "customer service lets a case go": Story(
        claimed,
        KARIN,
        "kp.release",
        _to_the_button(KARIN, "kp.release"),
        {"status": 200},
        ("submit", "attest", "claim"),
        ("submit", "attest", "claim", "release"),
        "Ingen har tagit ärendet",
        _CLAIM,
    ),
    "a person says whose the account is": Story(
        ordered_from_a_stranger,
        BO,
        "kp.link_yes",
        _to_the_button(BO, "kp.link_yes"),
        {"status": 200},
        ("submit",),
        ("linked", "submit"),
        "",
        _BOS_ATTEST,
    ),
}
