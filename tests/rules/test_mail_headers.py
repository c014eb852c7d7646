"""What strangers write into names and addresses stands in a mail as they wrote it, and never as a header."""

import json
import os
import shutil
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from core.api import Language
from notifications.mail.envelopes import envelope
from notifications.mail.envelopes.mime import Header, Unwritable, free_text, write_headers
from notifications.mail.port import Attachment, Letter, Sender
from tests.support.machines.encoded_words import HALVES, WORDS, on_one_line
from tests.support.machines.plain_mail import read_headers

SENDER = Sender("Kundportalen <portal@inera.example>", "studs@inera.example")
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Content-Language", "Content-Type", "MIME-Version",
]  # fmt: skip
BODY = NAMES[-2:]
BUILDING = Path(__file__).parents[2] / "notifications" / "mail" / "envelopes"


def letter(**changes):
    said = {"to": "bo@example.org", "subject": "Ärende", "text": "Hej\n", "html": "<p>Hej</p>\n"}
    ids = {"message_id": "<C1.0@inera.example>", "thread": "<B-1@inera.example>"}
    return Letter(**(said | ids | {"language": Language.SV} | changes))


def named(name):
    """A sender with a name as `parseaddr` would give it, whatever is in it."""

    class Named(Sender):
        @property
        def name(self) -> str:
            return name

    return Named(SENDER.address, SENDER.bounce)


@pytest.mark.parametrize("word", WORDS)
def test_whatever_a_subject_is_made_of_is_read_as_it_was_written(word) -> None:
    mail = envelope(letter(subject=word), SENDER)

    assert dict(read_headers(mail))["Subject"] == on_one_line(word)
    assert _names(mail) == NAMES
    assert str(message_from_bytes(mail, policy=policy.default)["Subject"]) == on_one_line(word)


@pytest.mark.parametrize("word", WORDS)
def test_whatever_a_senders_name_is_made_of_is_read_as_it_was_written(word) -> None:
    mail = envelope(letter(), named(word))

    assert dict(read_headers(mail))["From"] == f"{on_one_line(word)} <portal@inera.example>"
    assert _names(mail) == NAMES
    (read,) = message_from_bytes(mail, policy=policy.default)["From"].addresses
    assert (_pressed(read.display_name), read.addr_spec) == (_pressed(on_one_line(word)), "portal@inera.example")


@pytest.mark.parametrize("field", ["to", "message_id", "thread"])
def test_no_encoded_word_is_an_address_or_an_id(field) -> None:
    for word in WORDS:
        for form in ("{}", "{}@evil.example", "bo@{}", "<{}@evil.example>"):
            with pytest.raises(Unwritable):
                envelope(letter(**{field: form.format(word)}), SENDER)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("field", ["subject", "to", "text", "html"])
def test_half_a_character_makes_no_mail(half, field) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of two kinds
        envelope(letter(**{field: half}), SENDER)


@pytest.mark.parametrize("word", [*WORDS, "", ".", "From evil", "--", "=\n=\n", "å\r\n.\r\nQUIT\r\n"])
def test_whatever_a_body_is_made_of_ends_no_mail_and_begins_no_part(word) -> None:
    mail = envelope(letter(text=word, html=f"<p>{word}</p>"), SENDER)

    read = message_from_bytes(mail, policy=policy.default)
    plain, html = read.iter_parts()
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert plain.get_payload(decode=True).decode().rstrip("\r\n").replace("\r\n", "\n") == _ended(word)


@pytest.mark.parametrize("content", [b"%PDF-1.3\r\n.\r\n--\n\x00\xff", b"", b"From evil\n\n" * 100])
def test_a_file_comes_with_a_mail_byte_for_byte_behind_both_texts(content) -> None:
    mail = envelope(letter(attachments=(Attachment("kundavtal-A-1.pdf", "application/pdf", content),)), SENDER)

    read = message_from_bytes(mail, policy=policy.default)
    (file,) = read.iter_attachments()
    assert mail.isascii()
    assert read.get_content_type() == "multipart/mixed"
    assert read.get_body(("plain",)).get_content().rstrip() == "Hej"
    assert read.get_body(("html",)).get_content().rstrip() == "<p>Hej</p>"
    assert (file.get_content_disposition(), file.get_filename()) == ("attachment", "kundavtal-A-1.pdf")
    assert (file.get_content_type(), file.get_content()) == ("application/pdf", content)


@pytest.mark.parametrize("name", ["avtal för er.pdf", 'a".pdf', "../a.pdf", "", ".pdf", "a\r\nBcc: x@y.se"])
def test_a_file_that_programs_would_name_differently_is_not_sent(name) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        envelope(letter(attachments=(Attachment(name, "application/pdf", b""),)), SENDER)


def _ended(text):
    return text.rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n")


def test_no_line_of_a_header_is_longer_than_it_should_be() -> None:
    mail = envelope(letter(subject="Beställning B-1234567 (" + "Åäö " * 40), SENDER)

    above = mail.partition(b"\r\n\r\n")[0]
    assert max(map(len, above.split(b"\r\n"))) <= 78


def test_what_is_plain_stands_plainly() -> None:
    mail = envelope(letter(subject="The order B-1 waits"), SENDER)

    assert b"\r\nSubject: The order B-1 waits\r\n" in mail
    assert mail.startswith(b"From: Kundportalen <portal@inera.example>\r\nTo: bo@example.org\r\n")


def test_a_sender_without_a_name_is_the_address_alone() -> None:
    mail = envelope(letter(), Sender("portal@inera.example", SENDER.bounce))

    assert mail.startswith(b"From: portal@inera.example\r\nTo: bo@example.org\r\n")


@pytest.mark.parametrize(
    "value",
    [
        "a\r\nBcc: evil@evil.example",
        "a\r\n\r\nb",
        "a\nb",
        "a\x00b",
        "=?utf-8?b?YQ==?=",
        "",
        "a\r\n \r\n b",
        "x" * 1_000,
    ],
)
def test_a_header_that_is_not_read_back_as_it_is_meant_is_not_written(value) -> None:
    with pytest.raises(Unwritable):
        write_headers([free_text("Subject", "Hej"), Header("X-Other", value, value)])


def _pressed(text):
    """Without spaces: some of Python's readers leave those between the words of a name."""
    return text.replace(" ", "")


def _names(mail):
    """The names above the body; the last two stand in an order that is Python's own."""
    names = [name for name, _ in read_headers(mail)]
    return [*names[: -len(BODY)], *sorted(names[-len(BODY) :])]


# Of a Python: what it writes of each word, and what its own reader makes of that.
PROGRAM = """
import json, runpy, sys
from email import message_from_bytes, policy
building = runpy.run_path(sys.argv[1] + "/mime.py", run_name="building")
free, mailbox = building["free_text"], building["mailbox"]
written, body = building["write_headers"], building["write_body"]
told = []
for word in json.load(sys.stdin):
    lines = written([mailbox("From", word, "a@b.example"), free("Subject", word)])
    read = message_from_bytes(lines + body(word, word), policy=policy.default)
    parts = [part.get_payload(decode=True).decode() for part in read.iter_parts()]
    sender = read["From"].addresses[0]
    told.append([lines.decode(), read.keys()[:2], str(read["Subject"]), sender.display_name, parts])
json.dump(told, sys.stdout)
"""


def test_every_python_that_is_here_writes_the_same_and_reads_it_as_it_was_written() -> None:
    told = {python: _run(python) for python in _pythons()}

    mine = told[sys.executable]
    assert all(each == mine for each in told.values()), list(told)
    for word, (lines, names, subject, name, parts) in zip(WORDS, mine, strict=True):
        assert (subject, _pressed(name)) == (on_one_line(word), _pressed(on_one_line(word)))
        assert names == ["From", "Subject"]
        assert [_ended(each) for each in parts] == [_ended(word)] * 2
        assert "\r\nBcc" not in lines


def _pythons():
    found = [_first(f"python3.{minor}") for minor in (11, 12, 13, 14)]
    return [sys.executable, *filter(None, found)]


def _first(name):
    found = (shutil.which(name, path=place) for place in os.environ["PATH"].split(os.pathsep))
    return next((each for each in found if each and _answers(each)), None)


def _answers(python):
    # A shim stands there for a Python that is not.
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _run(python):
    # Isolated: what is installed beside another Python is none of ours.
    command = [python, "-I", "-c", PROGRAM, str(BUILDING)]
    done = subprocess.run(command, input=json.dumps(WORDS), capture_output=True, check=True, text=True)
    return json.loads(done.stdout)
