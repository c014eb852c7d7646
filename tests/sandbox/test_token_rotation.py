"""Tokens that expire, as Slack gives them where an app's manifest asks for token rotation."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.desk import Desk
from tests.sandbox.places import INERA, TOKEN, a_config, a_manifest

ROTATING = {"settings__token_rotation_enabled": True}
HOURS = 12 * 3_600


@pytest.fixture
def rotating(desk_with: Any) -> Desk:
    return desk_with(a_manifest(**ROTATING))


async def refresh(desk: Desk, token: str, **changes: str) -> Any:
    app = a_config(desk.url)
    said = {"client_id": app.client_id, "client_secret": app.client_secret, "grant_type": "refresh_token"}
    try:
        # The client's own method for it makes a header by what aiohttp is about to drop.
        answer = await desk.slack(None).api_call("oauth.v2.access", data=said | {"refresh_token": token} | changes)
    except SlackApiError as error:
        answer = error.response
    return answer.data


async def test_what_an_installation_gives_expires_after_twelve_hours(rotating: Desk) -> None:
    given = (await rotating.install()).data

    assert (given["token_type"], given["expires_in"]) == ("bot", HOURS)
    assert (given["access_token"][:12], given["refresh_token"][:7]) == ("xoxe.xoxb-1-", "xoxe-1-")
    before = await rotating.call("auth.test", given["access_token"])
    rotating.clock.advance(HOURS)
    assert (before["ok"], before["team_id"]) == (True, INERA)
    assert (await rotating.call("auth.test", given["access_token"]))["error"] == "token_expired"


async def test_a_refresh_token_gives_the_next_pair_once_and_the_token_of_before_lives_on(rotating: Desk) -> None:
    first = (await rotating.install()).data
    rotating.clock.advance(HOURS - 1)

    second = await refresh(rotating, first["refresh_token"])
    again = await refresh(rotating, first["refresh_token"])

    rotating.clock.advance(0.5)
    tokens = [first["access_token"], second["access_token"]]
    assert (second["ok"], second["bot_user_id"], again["error"]) == (
        True,
        first["bot_user_id"],
        "invalid_refresh_token",
    )
    assert [(await rotating.call("auth.test", token))["ok"] for token in tokens] == [True, True]


async def test_of_more_than_two_tokens_the_oldest_is_revoked(rotating: Desk) -> None:
    given = [(await rotating.install()).data]
    for _ in range(2):
        given.append(await refresh(rotating, given[-1]["refresh_token"]))

    said = [await rotating.call("auth.test", each["access_token"]) for each in given]

    assert [each.get("error") for each in said] == ["token_revoked", None, None]


async def test_within_the_grace_a_refresh_token_counts_again(desk_with: Any) -> None:
    desk = desk_with(a_manifest(**ROTATING), refresh_grace=10.0)
    first = (await desk.install()).data

    answers = [await refresh(desk, first["refresh_token"]), await refresh(desk, first["refresh_token"])]
    desk.clock.advance(11)
    answers.append(await refresh(desk, first["refresh_token"]))

    assert [each.get("error") for each in answers] == [None, None, "invalid_refresh_token"]


async def test_the_token_that_does_not_expire_lives_on(rotating: Desk) -> None:
    rotating.clock.advance(HOURS * 2)

    assert (await rotating.call("auth.test", TOKEN))["ok"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "another"}, "bad_client_secret"),
        ({"grant_type": "password"}, "invalid_grant_type"),
    ],
)
async def test_what_is_wrong_is_said_and_uses_up_nothing(rotating: Desk, changes: dict[str, str], error: str) -> None:
    first = (await rotating.install()).data

    assert (await refresh(rotating, first["refresh_token"], **changes))["error"] == error
    assert (await refresh(rotating, first["refresh_token"]))["ok"]


async def test_after_an_uninstall_nothing_of_before_counts(rotating: Desk) -> None:
    first = (await rotating.install()).data
    await rotating.plan(revoked=[INERA])

    refused = await refresh(rotating, first["refresh_token"])
    again = (await rotating.install()).data

    assert refused["error"] == "invalid_refresh_token"
    assert (await rotating.call("auth.test", first["access_token"]))["error"] == "invalid_auth"
    assert (await rotating.call("auth.test", again["access_token"]))["ok"]


async def test_without_rotation_no_token_expires(desk: Desk) -> None:
    given = (await desk.install()).data

    assert given.keys().isdisjoint({"expires_in", "refresh_token"})
    assert (await refresh(desk, "xoxe-1-made-up"))["error"] == "invalid_refresh_token"
