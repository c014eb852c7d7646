"""Headers and body of a mail, so written that every program reads what people wrote as it stands.

Each is read back before it is sent. The standard library alone.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32
from typing import Any, Protocol

# RFC 5322: what a line should hold, and what it must not go beyond.
LINE, LONGEST_LINE = 78, 998
# A word of so many bytes fits in a line behind the header's name, and is shorter than RFC 2047's 75 characters.
BYTES_IN_A_WORD = 36
FOLD = "\r\n "

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_NAME = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_IDENTIFIER = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WORD = r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?="


class Unwritable(ValueError):
    """A header that no program would read as it is meant; `args` name it."""


@dataclass(frozen=True)
class Header:
    """A header's name, its value as it is written, and what a reader is to see of it."""

    name: str
    value: str
    means: str


def free_text(name: str, text: str) -> Header:
    """Write free text on one line: no control character reaches a header, not even encoded."""
    means = _on_one_line(text)
    is_kept = _fits(name, means) and _is_literal(means)
    return Header(name, means if is_kept else _encoded(means), means)


def address(name: str, text: str) -> Header:
    """Write an address as it stands. Raise Unwritable for one that a program could read as something else."""
    return Header(name, _kept(name, _ADDRESS, text), text)


def mailbox(name: str, who: str, where: str) -> Header:
    """Write an address with a name before it, where there is one."""
    spoken, safe = _on_one_line(who), _kept(name, _ADDRESS, where)
    if not spoken:
        return address(name, where)
    means = f"{spoken} <{safe}>"
    if _fits(name, means) and _is_literal(means) and _PHRASE.fullmatch(spoken):
        return Header(name, means, means)
    return Header(name, f"{_encoded(spoken)}{FOLD}<{safe}>", means)


def identifier(name: str, text: str) -> Header:
    """Write the id of a message, between angle brackets."""
    return Header(name, _kept(name, _IDENTIFIER, text), text)


def is_address(text: str) -> bool:
    """Say whether every program reads a text as an address."""
    return _stands(_ADDRESS, text)


def write_headers(headers: Iterable[Header]) -> bytes:
    """Return the lines of headers, once they are read back and mean what they are to mean. Raise Unwritable."""
    checked = tuple(headers)
    lines = "".join(f"{header.name}: {header.value}\r\n" for header in checked).encode("ascii")
    if list(read_headers(lines)) != [(header.name, header.means) for header in checked]:
        raise Unwritable(*(header.name for header in checked))
    return lines


def read_headers(lines: bytes) -> Iterator[tuple[str, str]]:
    """Yield names and what a reader sees, as the plainest program finds them. Raise Unwritable for what is no
    header.
    """
    unfolded = lines.decode("ascii").removesuffix("\r\n").replace(FOLD, "\n")
    for line in unfolded.split("\r\n"):
        name, colon, value = line.partition(": ")
        pieces = value.split("\n")
        is_one = colon and _NAME.fullmatch(name) and all(re.fullmatch(r"[ -~]*[!-~][ -~]*", piece) for piece in pieces)
        if not is_one or max(map(len, line.split("\n"))) > LONGEST_LINE:
            raise Unwritable(name)
        yield name, _said(" ".join(pieces))


def _said(value: str) -> str:
    """Return what is seen of a value: encoded words side by side are one text."""
    return re.sub(rf"{_WORD}(?: {_WORD})*", lambda run: _decoded(run[0]), value)


def _decoded(words: str) -> str:
    return b"".join(b64decode(word, validate=True) for word in re.findall(_WORD, words)).decode()


def _on_one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _fits(name: str, text: str) -> bool:
    return len(f"{name}: {text}") <= LINE


def _is_literal(text: str) -> bool:
    return _stands(_PLAIN, text)


def _kept(name: str, form: re.Pattern[str], text: str) -> str:
    if not _stands(form, text):
        raise Unwritable(name)
    return text


def _stands(form: re.Pattern[str], text: str) -> bool:
    """Say whether a text has a form, and nothing in it begins an encoded word."""
    return form.fullmatch(text) is not None and "=?" not in text


def _encoded(text: str) -> str:
    """Encode the whole of a text as words, so that nothing in it can be taken for one."""
    return FOLD.join(f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(text))


def _parts(text: str) -> Iterator[bytes]:
    """Yield a text in pieces that each fit in a word; no character is parted."""
    part = b""
    for letter in text:
        more = letter.encode()
        if len(part) + len(more) > BYTES_IN_A_WORD:
            yield part
            part = b""
        part += more
    yield part


# Plain ASCII: every server takes it, and nothing in it is read as anything else.
ENCODING = "quoted-printable"


class BodyUnwritable(ValueError):
    """A body that would not be read as it was written."""


class FileToSend(Protocol):
    """A file that is attached: `name` of plain letters, `media_type`, and `content` byte for byte."""

    @property
    def name(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def content(self) -> bytes: ...


class PictureToSend(FileToSend, Protocol):
    """A file that the HTML shows, by its `content_id`."""

    @property
    def content_id(self) -> str: ...


def write_body(text: str, html: str, attached: Sequence[FileToSend] = (), shown: Sequence[PictureToSend] = ()) -> bytes:
    """Write the body with the headers that say what it is; the HTML shows what is `shown`.

    Raise ValueError (BodyUnwritable, UnicodeError).
    """
    message = EmailMessage()
    message.set_content(text, cte=ENCODING)
    message.add_alternative(html, subtype="html", cte=ENCODING)
    for file in (*shown, *attached):
        # Programs disagree on how other letters in the name of a file are written.
        if not _FILE_NAME.fullmatch(file.name):
            raise BodyUnwritable
    # Any: the library's types know of no parts that are added to later.
    page: Any = message.get_payload(1)
    for file in shown:
        main, _, sub = file.media_type.partition("/")
        said = {"cid": f"<{file.content_id}>", "filename": file.name, "disposition": "inline"}
        page.add_related(file.content, maintype=main, subtype=sub, **said)
    for file in attached:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    written = message.as_bytes(policy=SMTP)
    parts = [part for part in message_from_bytes(written, policy=compat32).walk() if not part.is_multipart()]
    said = [(part.get_content_type(), part.get_filename(), _payload(part)) for part in parts]
    meant = [(file.media_type, file.name, file.content) for file in (*shown, *attached)]
    texts = [(kind, name, _lines(payload)) for kind, name, payload in said[:2]]
    if texts != [("text/plain", None, _lines(text.encode())), ("text/html", None, _lines(html.encode()))]:
        raise BodyUnwritable
    if said[2:] != meant:
        raise BodyUnwritable
    return written


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _lines(text: bytes) -> list[bytes]:
    # Nothing is an empty line, once it has been written.
    return text.splitlines() or [b""]
