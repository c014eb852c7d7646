"""What is drawn as it is sent to Slack."""

from collections.abc import Sequence
from typing import Any

from notifications.render.model import Block, CardMessage, Dialog
from notifications.render.surfaces import block_kit

# A message, a modal, or the blocks of a home tab.
Made = CardMessage | Dialog | Sequence[Block]


def as_sent(made: Made) -> dict[str, Any]:
    """What Slack is given."""
    if isinstance(made, Dialog):
        return block_kit.modal(made)
    return block_kit.message(made) if isinstance(made, CardMessage) else block_kit.home(made)
