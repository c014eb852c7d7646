"""Statements are compiled once in each process of the tests.

SQLAlchemy keeps what it has compiled with an engine, and every test has a database, so an engine, of its own: compiling
anew was a third of what tests of stores took. All engines here have the same few dialects, as they come.
"""

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_made = Engine.__init__
_compiled: LRUCache = LRUCache(5_000)


# SQLAlchemy takes what an engine's constructor names, by place, and refuses all else.
def _makes(self: Engine, pool, dialect, url, hide_parameters=False, **more) -> None:
    _made(self, pool, dialect, url, hide_parameters=hide_parameters, **more)
    self._compiled_cache = _compiled


def share() -> None:
    """Let every engine that is made from now on find what another has compiled."""
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)
    DefaultDialect.__hash__ = lambda self: hash(type(self))
    Engine.__init__ = _makes
