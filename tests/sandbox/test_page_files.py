"""The page's own files, and what it asks first."""

from bot.sandbox.app import PAGE
from tests.sandbox.desk import Desk
from tests.sandbox.places import ANNA, APP, INERA, OPEN, REGION


async def test_the_page_and_its_files_are_served(desk: Desk) -> None:
    async with desk.http.get(f"{desk.url}/") as index, desk.http.get(f"{desk.url}/page/index.html") as file:
        assert index.status == file.status == 200
        assert await index.read() == await file.read() == (PAGE / "index.html").read_bytes()


async def test_the_world_is_what_the_file_and_the_manifest_say(desk: Desk) -> None:
    world = await desk.ask("world")

    inera, region = world["workspaces"]
    assert world["app"] == {"id": APP, "name": "Kundportal", "description": "Approvals of orders"}
    assert (inera["id"], region["id"], inera["home"]) == (INERA, REGION, True)
    assert {"id": OPEN, "name": "kundservice"} in inera["channels"]
    assert inera["commands"] == [{"command": "/order", "description": "Place an order", "usage_hint": "[what]"}]
    assert inera["shortcuts"] == [{"callback_id": "new_order", "name": "New order", "type": "global"}]
    anna = inera["users"][0]
    assert anna.keys() == {"id", "name", "real_name", "title", "locale", "is_bot", "deleted", "color", "at"}
    assert (anna["id"], anna["title"], anna["at"]) == (ANNA, "Orderer", None)


async def test_a_persons_state_begins_with_their_own_conversations(desk: Desk) -> None:
    state = await desk.state()

    assert [one["kind"] for one in state["conversations"]] == ["im", "channel", "channel", "channel"]
    assert state["conversations"][0]["name"] == "Kundportal"
    assert (state["home"], state["home_seen"], state["modals"]) == (None, False, [])


async def test_nobody_else_has_a_state(desk: Desk) -> None:
    for team, user in ((INERA, "U0NOBODY001"), (REGION, ANNA)):
        async with desk.http.get(f"{desk.url}/sandbox/state?team={team}&user={user}") as response:
            assert response.status == 404
