"""Conditions that many statements share: on what holds at an instant, and on what goes on."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_


def holds(since: ColumnElement[Any], until: ColumnElement[Any], at: datetime) -> ColumnElement[bool]:
    """Return the condition for what holds at an instant. What has not got a beginning yet holds at none."""
    return and_(since <= at, goes_on(until, at))


def goes_on(until: ColumnElement[Any], at: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition for what is not over at an instant, begun or not."""
    return or_(until.is_(None), until > at)
