"""A test cannot reach beyond this machine, whoever does the reaching."""

import asyncio
import socket

import aiohttp
import pytest

from tests import conftest


@pytest.fixture
def told() -> list[str]:
    """What the guard noted; a test that means to provoke it clears it in the end."""
    return conftest._reached


# A documentation address (RFC 5737): nobody's machine, even if the guard should fail.
OUTSIDE = ("192.0.2.1", 443)


def test_an_address_outside_is_refused(told: list[str]) -> None:
    with socket.socket() as outwards, pytest.raises(conftest.OutsideWorld):
        outwards.connect(OUTSIDE)

    assert told == ["socket.connect: '192.0.2.1'"]
    told.clear()


async def test_a_name_outside_is_not_even_looked_up(told: list[str]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(conftest.OutsideWorld):
            await session.get("https://slack.example/api/auth.test")

    assert told == ["socket.getaddrinfo: 'slack.example'"]
    told.clear()


async def test_this_machine_may_be_reached() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "localhost", 0)
    port = server.sockets[0].getsockname()[1]

    _, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.close()
    await writer.wait_closed()
    server.close()
