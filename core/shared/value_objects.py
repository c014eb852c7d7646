"""The decorator of values that are made often: never changed once made, and cheap to make."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(made: type[T]) -> type[T]:
    """Make a class a value, as `dataclass(frozen=True)` does: the type checker refuses whoever changes one.

    At run time nothing does. A frozen dataclass sets each of its fields by a call, for which most of disclosing a case
    went (docs/adr/0025-what-is-made-often-is-frozen-by-the-type-checker.md).
    """
    return dataclass(slots=True, unsafe_hash=True)(made)
