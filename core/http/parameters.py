"""Refuses a query parameter that is given more than once, since only one of its values would count."""

from collections import Counter

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from core.http.access import AnyKey


async def once_each(request: Request, _held: AnyKey) -> None:
    """Lets pass what gives each parameter once, after the key is seen. Raises Unauthorized, PersonInactive."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [{"type": "repeated", "loc": ("query", name)} for name, number in times.items() if number > 1]
    if repeated:
        raise RequestValidationError(repeated)
