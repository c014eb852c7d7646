"""The contender `step`: the use case and the store in process, without HTTP, signature and Bolt."""

import sys

from bench.press import child
from bench.press.durability import set_synchronous
from bench.press.world import Press, orders_on
from core.storage.database.database import open_database


async def main(url: str, synchronous: str) -> None:
    """Press through `Orders.act`."""
    set_synchronous(synchronous)
    orders = orders_on(open_database(url))

    async def pressing(press: Press, number: int) -> None:  # noqa: ARG001 - the store chooses its connections
        await orders.act(press.command())

    await child.serve_rounds(pressing)


if __name__ == "__main__":
    child.run(main(*sys.argv[1:]))
