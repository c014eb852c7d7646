"""The last that the process does from which products are forked: what each would read or settle first is there.

Imported by that process alone (`tests.support.machines.product.STARTING`): whoever imports it settles the own one.
"""

from datetime import UTC, datetime

from bot.server.serving import settle
from core.shared.working_days import is_working_day

# Holidays are a country's module, imported when the first day is asked for.
is_working_day(datetime.now(UTC).date())
settle()
