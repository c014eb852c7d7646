"""The command that runs the product."""

import logging
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.cli.terminal import check_database, check_port, check_several, serving_alone, settled
from bot.config.settings import LogFormat, Settings, load_settings
from bot.server.duties import EVERY_DUTY, Duty
from bot.server.fact_lines import FactLines, JsonLines, StrangersPace, is_news

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger(__name__)


def serve(host: str | None, port: int | None, workers: int, only: Duty | None) -> None:
    """Run the product until it is told to end."""
    settings = settled(load_settings)
    if workers > 1 or only is not None:
        check_several(settings.database_url)
    host, port = host or settings.host, settings.port if port is None else port
    check_port(host, port)
    _begin_log(settings)
    check_database(settings.database_url)
    # Only now: whoever has a setting wrong hears so at once.
    import uvicorn

    from bot.server.serving import OPTIONS

    with serving_alone(settings.database_url), _counting_together() if workers > 1 else nullcontext():
        uvicorn.run(
            FACTORIES[only],
            factory=True,
            workers=workers,
            host=host,
            port=port,
            # Its lines are written as ours are.
            log_config=None,
            log_level="info",
            forwarded_allow_ips=settings.forwarded_allow_ips,
            **OPTIONS,
        )


@contextmanager
def _counting_together() -> Generator[None]:
    """Let workers find what each other has counted: whichever of them is asked answers for all."""
    from bot.server.metrics import TOGETHER

    with TemporaryDirectory(prefix="kundportal-metrics-") as folder:
        os.environ[TOGETHER] = folder
        yield


def _begin_log(settings: Settings) -> None:
    # It says at every tick that it ticked.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # As history is: whoever holds a line against another machine's need not know where this one stands.
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    text = FactLines("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    handler.setFormatter(JsonLines() if settings.log_format is LogFormat.JSON else text)
    # Here for whatever fails anywhere: what tries again by itself does so many times while the database is away.
    handler.addFilter(is_news)
    handler.addFilter(StrangersPace())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _product(duties: frozenset[Duty]) -> "FastAPI":
    """The product by the settings, in each process that serves it."""
    from bot.main import build
    from bot.server.serving import settle

    settings = load_settings()
    _begin_log(settings)
    product = build(settings, duties=duties)
    settle()
    return product


# Uvicorn finds what its processes serve by these names.
everything = partial(_product, EVERY_DUTY)
web, relay, clock = (partial(_product, frozenset({duty})) for duty in (Duty.WEB, Duty.RELAY, Duty.CLOCK))
FACTORIES: Mapping[Duty | None, str] = {
    None: f"{__name__}:everything",
    **{duty: f"{__name__}:{duty.value}" for duty in Duty},
}
