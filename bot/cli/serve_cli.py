"""The command that runs the product."""

import logging
import time
from typing import Annotated

import typer

from bot.cli.terminal import check_database, commands, settled
from bot.config.settings import load_settings

app = commands()
log = logging.getLogger(__name__)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: PORT.")] = None,
) -> None:
    """Run the web application and the relay, by the settings in the environment and `.env`."""
    settings = settled(load_settings)
    # The ticker says at every tick that it ticked.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # As history is: whoever holds a line against another machine's need not know where this one stands.
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ"
    )
    check_database(settings.database_url)
    # Only now: whoever has a setting wrong hears so at once.
    import uvicorn

    from bot.main import build
    from bot.server.serving import OPTIONS, settle

    product, port = build(settings), settings.port if port is None else port
    settle()
    uvicorn.run(
        product,
        host=host or settings.host,
        port=port,
        log_level="info",
        forwarded_allow_ips=settings.forwarded_allow_ips,
        **OPTIONS,
    )
