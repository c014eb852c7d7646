"""Cards as Block Kit: what one reader may see, and a language, in; a message out. Pure, and cheap to call."""

from notifications.blocks.cards import draw_card
from notifications.blocks.facts import CardFacts, Message
from notifications.blocks.parts import Block, escape

__all__ = ["Block", "CardFacts", "Message", "draw_card", "escape"]
