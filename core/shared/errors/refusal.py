"""What every refusal is: a code, and the facts its sentence needs."""

from typing import ClassVar


class OrderError(Exception):
    """A refusal. `facts` holds ids, enum values and times, never sentences: whoever answers finds names and words.

    Keys with one meaning everywhere: person, organisation, agent, part, role, action, case, at, service, offer.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts
