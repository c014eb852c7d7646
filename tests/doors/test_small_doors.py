"""A door is small: whoever listens or answers is given four things at most, each by its own type."""

import inspect
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

import core.http.ports
from core.http.routes import applications, documents, holdings, orders, register, roles

ROOT = Path(__file__).parents[2]
MOST = 4
BESIDE = ("accounts", "homes", "press", "refusal_replies", "replies")
FILES = (
    *sorted((ROOT / "bot" / "acts").rglob("*.py")),
    *sorted((ROOT / "bot" / "slack" / "listeners").rglob("*.py")),
    *(ROOT / "bot" / "slack" / f"{name}.py" for name in BESIDE),
    *sorted((ROOT / "bot" / "web").rglob("*.py")),
)
# What the composition root keeps together; nobody who listens or answers may be given it.
BAGS = {"ApiPorts", "Joined", "Listeners"}
PORTS = {hint for name, hint in vars(core.http.ports).items() if name.endswith("Port")}
ROUTES = [
    route.endpoint
    for module in (applications, documents, holdings, orders, register, roles)
    for route in module.routes.routes
]


def _classes(file):
    module = import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__]


def _given(door):
    """What somebody is made with: a name and a type each."""
    hints = get_type_hints(door.__init__)
    return {name: hint for name, hint in hints.items() if name != "return"}


# Those that do something: a value that is handed on is read by its fields and has none of these.
DOORS = [
    door
    for file in FILES
    for door in _classes(file)
    if any(inspect.iscoroutinefunction(does) or name == "beside" for name, does in vars(door).items())
]


def test_every_file_of_listeners_has_one():
    listening = {door.__module__ for door in DOORS}

    assert len(DOORS) > 30
    assert {"bot.slack.listeners.home", "bot.slack.listeners.presses", "bot.acts.orders.decisions"} < listening


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_listener_is_given_four_things_at_most_and_no_bag(door):
    given = _given(door)

    assert len(given) <= MOST
    assert {getattr(hint, "__name__", "") for hint in given.values()} & BAGS == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.__module__.rpartition('.')[2]}.{route.__name__}")
def test_a_route_names_four_ports_at_most_and_no_bag(route):
    hints = get_type_hints(route, include_extras=True)

    assert len([hint for hint in hints.values() if hint in PORTS]) <= MOST
    assert {getattr(hint, "__name__", "") for hint in hints.values()} & BAGS == set()


@pytest.mark.parametrize("door", [orders.OrdererActions, holdings.OrganisationReader, documents.HeldDocuments])
def test_what_routes_share_is_small_too(door):
    assert is_dataclass(door)
    assert len(fields(door)) <= MOST
