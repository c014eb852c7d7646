"""What each fault means, in a sentence for whoever runs the product."""

from collections.abc import Mapping

from core.health import FaultCode

MEANINGS: Mapping[FaultCode, str] = {
    FaultCode.DATABASE_UNREACHABLE: "The database does not answer.",
    FaultCode.DATABASE_MISSING: "The database's file is gone from its place.",
    FaultCode.DATABASE_REPLACED: "Another file stands where the database's file stood.",
    FaultCode.MIGRATIONS_MISSING: "The database has no schema yet.",
    FaultCode.MIGRATIONS_OLDER: "The database's schema is older than this program.",
    FaultCode.MIGRATIONS_NEWER: "The database's schema is newer than this program.",
    FaultCode.WRITER_ENDED: "The thread that writes to the database has ended: nothing can be saved.",
    FaultCode.WRITER_SILENT: "The database answers, but takes nothing to be saved in time.",
    FaultCode.WRITER_READ_ONLY: "The database can be read but not written to.",
    FaultCode.WRITER_REFUSED: "The database refuses what is to be saved.",
    FaultCode.SLACK_TOKEN_REFUSED: "Slack refuses the bot token: it is wrong or revoked, or the app was removed.",
    FaultCode.SLACK_TOKEN_UNREADABLE: "A stored bot token cannot be decrypted with SECRET_KEY.",
    FaultCode.SLACK_SCOPE_MISSING: "The bot token lacks a scope that the app asks for.",
    FaultCode.SLACK_REFUSED: "The workspace does not let the app work there.",
    FaultCode.SLACK_UNREACHABLE: "Slack does not answer.",
    FaultCode.MAIL_UNREACHABLE: "The mail server does not answer, or not as a mail server does.",
    FaultCode.MAIL_REFUSED: "The mail server refuses the password or the sender.",
    FaultCode.MAIL_NOT_OFFERED: "The mail server offers no encryption, or no way to log in that is known here.",
    FaultCode.MAIL_NOT_TRUSTED: "The mail server's certificate cannot be trusted.",
    FaultCode.RELAY_ENDED: "The relay has ended: no messages go out.",
    FaultCode.RELAY_SILENT: "The relay has not looked for messages to send for minutes.",
    FaultCode.RELAY_STUMBLES: "The relay cannot look for messages to send, or fails while it sends them.",
    FaultCode.CARDS_LATE: "Messages that could go out have waited for minutes.",
    FaultCode.CLOCK_ENDED: "The clock has ended: nothing expires and nobody is reminded.",
    FaultCode.CLOCK_SILENT: "Something that the clock does each half minute has not ended for minutes.",
    FaultCode.CLOCK_STUMBLES: "Something that the clock does each half minute, or at night, fails.",
    FaultCode.KEYS_EXPIRE: "A key to the API expires within a week.",
    FaultCode.CHECK_FAILED: "This part could not be looked at.",
}
