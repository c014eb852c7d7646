"""How the register stands, told to history as the upgrades do: for worlds that were put there by hand."""

from importlib import import_module

VERSIONS = ("0022_how_the_register_stood", "0025_what_was_agreed_and_offered", "0027_what_is_connected")

# What each of them writes.
baselines = [import_module(f"core.storage.migrations.versions.{each}").write_baseline for each in VERSIONS]


def write_baseline(connection, at) -> None:
    """Write all of it at one instant."""
    for each in baselines:
        each(connection, at)
