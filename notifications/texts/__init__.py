"""What people read, in Swedish and English: sentences by key, and dates, times and money in each language's form."""

from notifications.texts.catalogue import counted, keys, particular, pieces, say, say_first, say_with, template
from notifications.texts.contact import ServiceContact, around_contact, name_contact
from notifications.texts.formats import (
    brief_cost,
    clock,
    cost,
    day,
    money,
    price,
    size,
    span,
    when,
    whole_hour,
    working_time,
)

__all__ = [
    "ServiceContact",
    "around_contact",
    "brief_cost",
    "clock",
    "cost",
    "counted",
    "day",
    "keys",
    "money",
    "name_contact",
    "particular",
    "pieces",
    "price",
    "say",
    "say_first",
    "say_with",
    "size",
    "span",
    "template",
    "when",
    "whole_hour",
    "working_time",
]
