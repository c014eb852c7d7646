"""Looks at whoever receives traces: are they taken?"""

import asyncio
from collections.abc import Sequence

from bot.cli.doctor.examined import Examined, well, wrong
from bot.config.tracing_settings import TraceReceiver


async def look_at_traces(receiver: TraceReceiver | None) -> Sequence[Examined]:
    """Send the receiver of the settings nothing at all, as traces are sent; without one nothing is traced."""
    if receiver is None:
        return ()
    # Only now: nobody else needs it installed.
    from bot.tracing.open_telemetry import refusal_of

    error = await asyncio.to_thread(refusal_of, receiver)
    if error is not None:
        return [wrong("doctor.traces.refused", url=receiver.url, error=error)]
    return [well("doctor.traces.well", url=receiver.url)]
