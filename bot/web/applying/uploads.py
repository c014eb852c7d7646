"""The file that an application brings: kept as soon as it comes, so that no mistake elsewhere in the form loses it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from bot.web.field_refusals import fields_of
from bot.web.forms import Values, keyed_hash
from core.api import AUTHORITY, FILE_GONE, ApplicationFiles, AttachedFile, FormKey, OrderError, Place, networks_of

# The button that takes a file out of the form again.
DETACH = "detach"
# The field that says that the form showed a file which came with it.
BROUGHT = f"{AUTHORITY}.brought"


def gone(values: Values, file: AttachedFile | None) -> Mapping[str, str]:
    """Return what is wrong with a form that showed a file, where there is none any more."""
    is_shown = bool(values.get(BROUGHT)) and values.get("do") != DETACH
    return FILE_GONE if is_shown and file is None else {}


@dataclass(frozen=True)
class Uploads:
    """Keeps what forms bring. Of where a file came from a keyed hash is known, which bounds what one network fills."""

    files: ApplicationFiles
    secret_key: str

    async def take(self, request: Request, place: Place, content: bytes | None, do: str) -> Mapping[str, str]:
        """Keep the file that was chosen, or forget the one before; what is wrong with it, by the name of its field."""
        if do == DETACH:
            await self.files.remove(place)
        elif content is not None:
            return await self._keep(request, place, content)
        return {}

    def answering(self, token: str) -> FormKey:
        """Return the form in which is answered behind a link; nobody else knows its key."""
        return FormKey(keyed_hash(self.secret_key, "uploads", f"answer {token}"))

    async def forget(self, place: Place) -> None:
        """Forget the file of a form that will not be sent in."""
        await self.files.remove(place)

    async def attached(self, place: Place) -> AttachedFile | None:
        """Return what is told of the file that there is."""
        return await self.files.attached(place)

    async def _keep(self, request: Request, place: Place, content: bytes) -> Mapping[str, str]:
        where = networks_of(request.client.host if request.client else "")
        networks = [keyed_hash(self.secret_key, "uploads", each) for each in where]
        try:
            await self.files.keep(place, content, networks)
        except OrderError as refusal:
            if (wrong := fields_of(refusal)) is None:
                raise
            return wrong
        return {}
