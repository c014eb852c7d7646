"""The document that is signed, by its contents: which version, and a hash that says whether it is the same."""

import json
from hashlib import sha256

from core.application import DrawnUp
from core.order import Case

VERSION = "1"


def draw_up(case: Case) -> DrawnUp:
    """What an approved application is signed by: the facts of it that the agreement states."""
    application = case.application
    stated = {
        "case": case.id,
        "flow": case.flow,
        "version": VERSION,
        "organisation": application.organisation,
        "org_number": application.org_number,
        "signatories": [each.name for each in application.signatories],
        "signatures_needed": application.signatures_needed,
        "language": application.language,
    }
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True)
    return DrawnUp(VERSION, sha256(text.encode()).hexdigest(), text)
