"""What this deployment is called, and where it and the portal answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """`environment` is drawn into every button, so that another deployment in the same workspace leaves it alone.

    `public_url` is where the pages of this product answer, empty where nobody has said; `portal_url` is where
    Kundportalen does. `has_mail` where mail is set up.
    """

    environment: str
    portal_url: str
    public_url: str
    has_mail: bool
