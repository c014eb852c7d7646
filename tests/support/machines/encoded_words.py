"""Words with which strangers have forged mails, and would: what they write into a name, an address, a subject."""

# Each is to be read in the mail program as it stands here, once the white space is what a line has.
WORDS = (
    "=?utf-8?q?a=0D=0ABcc:_evil@evil.example?=",
    "=?utf-8?q?a=0D=0A=0D=0A<h1>Faktura</h1>?=",
    "=?utf-8?b?YQ0KQmNjOiBldmlsQGV2aWwuZXhhbXBsZQ==?=",
    "=?utf-8?q?=FF=FE?=",
    "=?utf-8?q?=ED=A0=80?=",
    "=?utf-8?q?=00?=",
    "=?utf-8?b?/////w==?=",
    "=?utf-8?b?A?=",
    "=?utf-8*sv?q?=E5?=",
    "=?no-such-charset?q?a=0D=0AX-Evil:_1?=",
    "=?utf-7?q?+AA0-+AAo-Bcc:_evil@evil.example?=",
    "=?utf-16?b?DQAKAA==?=",
    "=?iso-8859-1?q?=0D=0ABcc:_evil?= =?iso-8859-1?q?@evil.example?=",
    "=?unknown-8bit?q?=0A?=",
    "=?utf-8?q?unfinished",
    "=?utf-8?q??=",
    "=?utf-8?x?a?=",
    "a=?utf-8?q?=0ABcc:_evil?=b",
    '"=?utf-8?q?=0ABcc:_evil?="',
    "=?=?utf-8?q?a?=?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0D=0AX:_1=3F=3D?=",
    "=\r\n?utf-8?q?a?=",
    "a\r\nBcc: evil@evil.example",
    "a\nBcc: evil@evil.example",
    "a\rBcc: evil@evil.example",
    "a\r\n\r\n<h1>Faktura</h1>",
    "a\r\n \r\n.\r\nMAIL FROM:<evil@evil.example>",
    "a\x00b",
    "a\x0bBcc: evil",
    "a\x0cBcc: evil",
    "a\x1cBcc: evil",
    "a\x85Bcc: evil",
    "a\u2028Bcc: evil\u2029Bcc: evil",
    "a\x1b[31mb\x7f",
    "Evil <evil@evil.example>, Kundportalen",
    'Evil" <evil@evil.example>',
    "Evil (a comment",
    "Evil; undisclosed-recipients:",
    "å" * 120,
    "=?utf-8?q?" + "å" * 60 + "?=",
    "😀" * 60,
    "x" * 2_000,
    " ".join(["word"] * 60),
    "Region Östra & Västra, avd. 7 (vård)",
)
# No mail can have these: a half of a character is none.
HALVES = ("a\ud800b", "=?utf-8?q?a?=\udcff")


def on_one_line(text: str) -> str:
    """A text as a header can have it: what ends or hides a line is a space."""
    spaced = "".join(" " if each.isspace() or ord(each) < 32 or 127 <= ord(each) < 160 else each for each in text)
    return " ".join(spaced.split())
