"""Cards as Block Kit: what one reader may see, and a language, in; a message out. Pure, and cheap to call."""

from notifications.render.blocks.cards import draw_card
from notifications.render.pieces.facts import CardFacts, CardMessage
from notifications.render.pieces.parts import Block, escape

__all__ = ["Block", "CardFacts", "CardMessage", "draw_card", "escape"]
