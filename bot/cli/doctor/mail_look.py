"""Looks at mail: does the server take what the settings log in with, and may others believe whom it is from?"""

from collections.abc import Sequence

from bot.cli.doctor.domain_look import DomainLook
from bot.cli.doctor.examined import Examined, of_part, off
from bot.config.settings import Settings
from core.api import HEALTHY
from notifications.mail.mail_gateway import MailGateway
from notifications.mail.mail_watch import finding_of
from notifications.slack.slack_errors import SlackProblem


async def look_at_mail(settings: Settings, domain: DomainLook) -> Sequence[Examined]:
    """Greet the mail server, and send nothing."""
    server = settings.mail_server()
    if server is None:
        return [off("doctor.mail.off")]
    finding = HEALTHY
    try:
        await MailGateway(*server).check()
    except SlackProblem as problem:
        finding = finding_of(problem)
    return [of_part(finding, "doctor.mail.well"), *await domain.look(server[1])]
