"""Every "no" the core can give: a named refusal with a code and the facts its sentence needs, by what it is about."""

# ruff: noqa: F403 - a room holds refusals and nothing else, and each of them is offered here
from core.shared.errors.cases import *
from core.shared.errors.orders import *
from core.shared.errors.people import *
from core.shared.errors.refusal import *
from core.shared.errors.register import *
