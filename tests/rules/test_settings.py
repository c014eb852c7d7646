"""Every wrong setting is named in one message, and no secret is in it."""

import re
import secrets
import sys
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.config.app_yaml import manifest_for
from bot.config.contact_settings import EXAMPLES
from bot.config.settings import (
    DEMO_SECRET_KEY,
    PurgeSettings,
    Settings,
    WrongSettings,
    load_database_url,
    load_history_keys,
    load_public_url,
    load_purge_settings,
    load_settings,
)
from bot.config.tracing_settings import NEEDED, TraceReceiver
from core.api import RETENTION, Personal
from notifications.mail.mail_gateway import MailServer
from notifications.mail.port import Sender
from notifications.texts import ServiceContact
from tests.support.machines.product import SECRET_KEY

EXAMPLE = Path(__file__).parents[2] / ".env.example"
GOOD = {
    "database_url": "postgresql://kundportal@db/kundportal",
    "slack_bot_token": "xoxb-1",
    "slack_signing_secret": "8f14e45fceea167a5a36dedd4bea2543",
    "slack_channel": "C0123456789",
    "portal_url": "https://portal.example.se",
    "support_email": "kundservice@example.se",
    "secret_key": SECRET_KEY,
    "environment": "test-1",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to write, in the folder that the test stands in from now on."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".env"


def wrong(**changed: object) -> str:
    with pytest.raises(WrongSettings) as told:
        load_settings(_env_file=None, **(GOOD | changed))
    return str(told.value)


def said_of(name: str, value: str) -> list[str]:
    """What is told of a value; nothing, where it is taken."""
    try:
        load_settings(_env_file=None, **(GOOD | {name: value}))
    except WrongSettings as told:
        return str(told).splitlines()
    return []


def test_good_settings_are_taken_and_addresses_tidied() -> None:
    settings = load_settings(_env_file=None, **GOOD, slack_api_url="http://127.0.0.1:8301/api")

    assert settings.slack_api_url == "http://127.0.0.1:8301/api/"
    assert settings.default_language == "sv"


@pytest.mark.parametrize("channel", ["C0123456789", "G0123456789"])
def test_a_channel_for_customer_service_may_be_an_older_private_one(channel: str) -> None:
    assert said_of("slack_channel", channel) == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"database_url": "mysql://x"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"database_url": "nothing"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"database_url": "sqlite://"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        *[
            ({"database_url": f"sqlite:///{name}"}, "DATABASE_URL: must name a file behind sqlite:///")
            for name in ("", "/", ":memory:", "file:x?mode=memory&uri=true")
        ],
        ({"database_url": "postgresql://db:port/x"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"slack_bot_token": "xoxp-1"}, "SLACK_BOT_TOKEN: must be a bot token, which begins with xoxb-"),
        ({"slack_bot_token": "xoxb-1 "}, "SLACK_BOT_TOKEN: must be a bot token, which begins with xoxb-"),
        (
            {"slack_refresh_token": "xoxe-1"},
            "SLACK_REFRESH_TOKEN: must be given where SLACK_BOT_TOKEN expires (begins with xoxe.), and only there",
        ),
        ({"slack_bot_token": "xoxe.xoxb-1"}, "SLACK_REFRESH_TOKEN: must be given where SLACK_BOT_TOKEN expires"),
        ({"slack_refresh_token": "xoxb-1"}, "SLACK_REFRESH_TOKEN: must be a refresh token, which begins with xoxe-"),
        (
            {"slack_bot_token": "xoxe.xoxb-1", "slack_refresh_token": "xoxe-1"},
            "SLACK_REFRESH_TOKEN: must stand beside SLACK_CLIENT_ID and SLACK_CLIENT_SECRET",
        ),
        ({"fresh_look_above": "1,5"}, "FRESH_LOOK_ABOVE: must be a whole number from 0 to 1000000000"),
        ({"slack_app_id": "kundportal"}, "SLACK_APP_ID: must be the id of an app, such as A0123456789"),
        ({"slack_api_url": "slack.com/api"}, "SLACK_API_URL: must begin with https:// or http://, and name a host"),
        ({"secret_key": "short"}, "SECRET_KEY: must have at least 32 characters"),
        ({"secret_key": DEMO_SECRET_KEY}, "SECRET_KEY: must be a key of your own: the demo's is known to everybody"),
        ({"history_key": DEMO_SECRET_KEY}, "HISTORY_KEY: must be a key of your own: the demo's is known to everybody"),
        ({"history_key": "short"}, "HISTORY_KEY: must have at least 32 characters"),
        ({"earlier_history_keys": f"{'k' * 32}, short"}, "EARLIER_HISTORY_KEYS: must have at least 32 characters"),
        ({"portal_url": "portal"}, "PORTAL_URL: must begin with https:// or http://, and name a host"),
        ({"portal_url": "https://[portal"}, "PORTAL_URL: must begin with https:// or http://, and name a host"),
        ({"portal_url": "https://portal:x/"}, "PORTAL_URL: must begin with https:// or http://, and name a host"),
        (
            {"public_url": "ftp://portal"},
            "PUBLIC_URL: must begin with https:// and name a host; http:// will do for this",
        ),
        ({"public_url": "http://kundportal.example.se"}, "PUBLIC_URL: must begin with https:// and name a host"),
        ({"public_url": "http://127.0.0.1.example.se"}, "PUBLIC_URL: must begin with https:// and name a host"),
        ({"public_url": "https://"}, "PUBLIC_URL: must begin with https:// and name a host"),
        *[
            ({"public_url": f"https://{rest}"}, "PUBLIC_URL: must have a host and a path alone")
            for rest in ("x.se#part", "x.se?a=1", "x.se?", "me:word@x.se", "x.se\\evil", 'x.se/"', "x.se/<b>", ".", "-")
        ],
        ({"slack_api_url": "https://slack.com/api?a=1"}, "SLACK_API_URL: must have a host and a path alone"),
        ({"publisher_name": "x" * 61}, "PUBLISHER_NAME: must be a name of at most 60 signs on one line"),
        ({"publisher_name": "a\nb"}, "PUBLISHER_NAME: must be a name of at most 60 signs on one line"),
        ({"publisher_logo": "/nowhere.png"}, "PUBLISHER_LOGO: must be a picture that may be read, in a file that ends"),
        ({"publisher_logo": str(EXAMPLE)}, "PUBLISHER_LOGO: must be a picture that may be read, in a file that ends"),
        ({"privacy_legal_ground": "consent"}, "PRIVACY_LEGAL_GROUND: must be one of legitimate_interest, public_task"),
        ({"privacy_email": "Ombudet <a@example.se>"}, "PRIVACY_EMAIL: must be an e-mail address alone"),
        ({"accessibility_published": "1/12 2026"}, "ACCESSIBILITY_PUBLISHED: must be a day, such as 2026-11-30"),
        (
            {"accessibility_reviewed": "2026-11-30", "accessibility_shortcomings": "Kartan saknar text."},
            "ACCESSIBILITY_SHORTCOMINGS: must tell of each in Swedish and English",
        ),
        (
            {"accessibility_shortcomings": "Ett. / One."},
            "ACCESSIBILITY_SHORTCOMINGS: must stand beside an ACCESSIBILITY_REVIEWED",
        ),
        ({"slack_channel": "kundservice"}, "SLACK_CHANNEL: must be the id of a channel, such as C0123456789"),
        ({"environment": "a|b"}, "ENVIRONMENT: must have 1 to 20 small letters, digits or hyphens"),
        ({"port": "abc"}, "PORT: must be a whole number from 0 to 65535"),
        ({"port": "80.5"}, "PORT: must be a whole number from 0 to 65535"),
        ({"port": "65536"}, "PORT: must be a whole number from 0 to 65535"),
        ({"port": "-1"}, "PORT: must be a whole number from 0 to 65535"),
        ({"forwarded_allow_ips": "proxy"}, "FORWARDED_ALLOW_IPS: must be addresses or networks with commas between"),
        ({"forwarded_allow_ips": "10.0.0.1,*"}, "FORWARDED_ALLOW_IPS: must be addresses or networks with commas"),
        ({"smtp_url": "http://post"}, "SMTP_URL: must begin with smtps://, smtp+starttls:// or smtp://"),
        ({"smtp_url": "smtps://me:pa/ss@post"}, "SMTP_URL: must begin with smtps://, smtp+starttls:// or smtp://"),
        ({"smtp_url": "smtps://post:post"}, "SMTP_URL: must begin with smtps://, smtp+starttls:// or smtp://"),
        ({"smtp_url": "smtp://me:secret@post.example.se"}, "SMTP_URL: must begin with smtps:// or smtp+starttls://"),
        ({"smtp_url": "smtps://post"}, "MAIL_FROM: must be given where SMTP_URL is\nPUBLIC_URL: must be given"),
        ({"mail_from": "Kundportalen"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_from": "a@b.se, evil@c.se"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_from": "a@b.se <c@d.se>, e@f.se"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_from": "a@b.se\r\nBcc: x@y.se"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_from": "Kund\nportalen <a@b.se>"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_from": "Kundportalen <portal@företaget.example>"}, "MAIL_FROM: must be an e-mail address"),
        ({"mail_bounce": "=?utf-8?q?studs?=@inera.example"}, "MAIL_BOUNCE: must be an e-mail address"),
        *[
            ({"support_email": text}, "SUPPORT_EMAIL: must be an e-mail address alone, such as kundservice@example.se")
            for text in ("kundservice", "Kundservice <a@b.se>", "a@b.se, c@d.se", "mailto:a@b.se", "a@b.se|x")
        ],
        *[
            ({"support_url": text}, "SUPPORT_URL: must begin with https:// and name a host, such as https://www.")
            for text in (
                "http://x.se",
                "x.se",
                "https://",
                "https://me:word@x.se",
                "https://x.se/a|b",
                "https://x.se/>",
            )
        ],
        *[
            ({"support_phone": text}, "SUPPORT_PHONE: must be a phone number, such as 070-174 06 05 or +46701740605")
            for text in (
                "växeln",
                "112",
                "70 174 06 05",
                "+46 (0)70-174 06 05",
                "070-174  06 05",
                "+0701740605",
                "070-174 06 05-",
                "070-174 06 0",
            )
        ],
        (
            {"agreements_folder": "/nowhere"},
            "AGREEMENTS_FOLDER: must be a folder with a kundavtal in Swedish, such as kundavtal-1.sv.md",
        ),
        ({"mail_bounce": "studs"}, "MAIL_BOUNCE: must be an e-mail address, with or without a name"),
        ({"weekly_report": "sometimes"}, "WEEKLY_REPORT: must be one of on, off"),
        ({"default_language": "fi"}, "DEFAULT_LANGUAGE: must be one of sv, en"),
        *[
            ({f"keep_{what}": value}, f"KEEP_{what.upper()}: must be a whole number from 1 to 1200")
            for what in ("cards_days", "slack_ids_days", "free_texts_months", "names_months", "agreements_years")
            for value in ("0", "1201", "a year")
        ],
        ({"keep_decisions_years": "0"}, "KEEP_DECISIONS_YEARS: must be a whole number from 1 to 1200"),
        (
            {"keep_cards_days": 91},
            "KEEP_SLACK_IDS_DAYS: must be longer, or KEEP_CARDS_DAYS shorter: "
            "it is 90 days, and before its time is out KEEP_CARDS_DAYS (91 days) must have let go",
        ),
        (
            {"keep_free_texts_months": 61, "keep_decisions_years": 5},
            "KEEP_DECISIONS_YEARS: must be longer, or KEEP_FREE_TEXTS_MONTHS shorter: "
            "it is 5 years, and before its time is out KEEP_FREE_TEXTS_MONTHS (61 months) must have let go",
        ),
        ({"log_format": "xml"}, "LOG_FORMAT: must be one of text, json"),
    ],
)
def test_a_wrong_value_is_named(changed: dict[str, object], line: str) -> None:
    assert wrong(**changed).startswith(line)


@pytest.mark.parametrize("password", ["hush/word", "hush#word", "hush?word", "12/hush", "12?hush", "12#hush"])
def test_a_password_of_mail_that_is_not_percent_encoded_is_told_how_to_write(password: str) -> None:
    told = wrong(smtp_url=f"smtps://portal:{password}@smtp.x.se", mail_from="portal@x.se", public_url="https://x.se")

    assert told.startswith("SMTP_URL: must begin with smtps://, smtp+starttls:// or smtp://, and name a host")
    assert "percent-encoding" in told
    assert "/ is %2F" in told
    assert "hush" not in told


def test_a_password_of_mail_that_is_percent_encoded_is_read_as_it_is() -> None:
    mail = {"smtp_url": "smtps://portal:a%2Fb%23c%40d@smtp.x.se", "mail_from": "portal@x.se"}
    found = load_settings(_env_file=None, **(GOOD | mail | {"public_url": "https://x.se"})).mail_server()

    assert found is not None
    assert (found[0].host, found[0].password) == ("smtp.x.se", "a/b#c@d")


@pytest.mark.parametrize("reached", [{}, {"support_phone": "070-174 06 05"}])
def test_without_a_way_to_reach_customer_service_nothing_starts(reached: dict[str, str]) -> None:
    told = wrong(support_email="", **reached)

    assert told.startswith("SUPPORT_EMAIL: must be given, or SUPPORT_URL, for people to reach customer service: ")
    assert "SUPPORT_EMAIL=kundservice@example.se or SUPPORT_URL=https://www.example.se/kundservice" in told


def test_a_wrong_page_of_customer_service_is_told_of_alone() -> None:
    assert wrong(support_email="", support_url="http://x.se").count("\n") == 0


def test_a_page_alone_is_a_way_to_reach_customer_service() -> None:
    settings = load_settings(_env_file=None, **(GOOD | {"support_email": "", "support_url": "https://x.se/?a=b&c=å#d"}))

    assert settings.contact() == ServiceContact(url="https://x.se/?a=b&c=å#d")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0701740605", "070-174 06 05"),
        ("+46701740605", "070-174 06 05"),
        ("0771251010", "077-125 10 10"),
        ("+46 771 25 10 10", "+46 771 25 10 10"),
        ("084650052", "08-465 00 52"),
        ("0812345678", "08-123 456 78"),
        ("031123456", "031-12 34 56"),
        ("0303123456", "0303-12 34 56"),
        ("020123456", "020-12 34 56"),
        ("0770-12 34 56", "0770-12 34 56"),
        ("+4722123456", "+47 22 12 34 56"),
    ],
)
def test_a_phone_number_is_shown_as_it_is_read(given: str, shown: str) -> None:
    assert load_settings(_env_file=None, **GOOD, support_phone=given).contact().phone == shown


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234567890-abcdefghijkl",
        "xapp-1-A0123456789-abcdefghi",
        "8f14e45f ceea167a5a36dedd4bea2543",
        "8f14e45fceea167",
        "1234567890.1234567890",
        "<the signing secret>",
        "your-signing-secret",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "change-me-change-me",
    ],
)
def test_a_signing_secret_that_plainly_is_none_is_refused(secret: str) -> None:
    told = wrong(slack_signing_secret=secret)

    assert told.startswith("SLACK_SIGNING_SECRET: must be the app's signing secret")
    assert secret not in told


@pytest.mark.parametrize("name", ["secret_key", "history_key"])
@pytest.mark.parametrize(
    "secret",
    [
        "k" * 32,
        "ab" * 20,
        "your-secret-key-here-change-me-please!!",
        "replace-me-replace-me-replace-me-",
        "CHANGEME-CHANGEME-CHANGEME-CHANGEME",
        "placeholder-for-a-secret-of-yours",
    ],
)
def test_a_key_that_plainly_is_no_secret_is_refused(name: str, secret: str) -> None:
    told = wrong(**{name: secret})

    assert told.startswith(f"{name.upper()}: must be a key of your own, made at random")
    assert secret not in told


def test_a_key_as_it_is_said_how_to_make_one_is_taken() -> None:
    made = [make(32) for make in (secrets.token_urlsafe, secrets.token_hex) for _ in range(50)]

    assert [said_of("secret_key", each) for each in made] == [[]] * 100


@pytest.mark.parametrize(
    "url", ["https://x.se:8443", "https://kund-portal.x.se/portal/", "https://[::1]", "https://åäö.se"]
)
def test_an_address_with_a_host_and_a_path_is_taken(url: str) -> None:
    assert said_of("public_url", url) == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_no_wrong_value_is_told_in_words_that_are_not_ours(name: str) -> None:
    told = [line for value in ("\N{SNOWMAN} {", "1e999", "[]", "9" * 40) for line in said_of(name, value)]

    assert [line for line in told if not line.startswith(f"{name.upper()}: must ")] == []


def test_everything_wrong_is_named_at_once_and_no_secret_shown() -> None:
    told = wrong(slack_bot_token="hush-token", secret_key="hush-key", portal_url="x")

    assert len(told.splitlines()) == 3
    assert "hush" not in told


def test_what_is_missing_is_named() -> None:
    with pytest.raises(WrongSettings) as told:
        load_settings(_env_file=None)

    assert "SLACK_SIGNING_SECRET: is missing" in str(told.value).splitlines()


def test_settings_are_read_from_the_file_and_the_environment_goes_before_it(dotenv: Path, monkeypatch) -> None:
    dotenv.write_text("".join(f"{name.upper()}={value}\n" for name, value in GOOD.items()) + "HOST=file\nPORT=1\n")
    monkeypatch.setenv("HOST", "environment")
    settings = load_settings()

    assert (settings.host, settings.port) == ("environment", 1)
    assert settings.slack_signing_secret.get_secret_value() == GOOD["slack_signing_secret"]


def test_each_kind_of_settings_is_read_from_the_file(dotenv: Path) -> None:
    dotenv.write_text(
        f"DATABASE_URL=sqlite:///file.db\nSECRET_KEY={'k' * 32}\nKEEP_CARDS_DAYS=5\nPUBLIC_URL=https://a.se\n"
    )

    assert load_database_url() == "sqlite:///file.db"
    assert load_history_keys() == ("k" * 32, ())
    assert load_purge_settings().keep_cards_days == 5
    assert load_public_url() == "https://a.se"


def test_what_is_empty_is_not_set(dotenv: Path) -> None:
    lines = [f"{name.upper()}=" for name in Settings.model_fields if name not in GOOD]
    dotenv.write_text("\n".join([*lines, *(f"{name.upper()}={value}" for name, value in GOOD.items())]))

    assert load_settings() == load_settings(_env_file=None, **GOOD)


def test_what_is_needed_and_empty_is_missing(dotenv: Path) -> None:
    dotenv.write_text("SECRET_KEY=\nDATABASE_URL= \n")

    with pytest.raises(WrongSettings) as told:
        load_purge_settings()

    assert str(told.value) == "SECRET_KEY: is missing"


def test_an_empty_value_in_the_environment_empties_that_of_the_file(dotenv: Path, monkeypatch) -> None:
    dotenv.write_text("DATABASE_URL=sqlite:///file.db\n")
    monkeypatch.setenv("DATABASE_URL", "")

    assert load_database_url() == "sqlite:///kundportal.db"


def test_a_line_of_the_file_that_is_nearly_a_setting_is_named(dotenv: Path) -> None:
    dotenv.write_text("MAIL_FORM=a@b.se\nCOMPOSE_PROJECT_NAME=x\n")

    with pytest.raises(WrongSettings) as told:
        load_database_url()

    assert str(told.value) == "MAIL_FORM: is no setting; MAIL_FROM is"


FOR_ANOTHER_PROGRAM = "SLACK_CHANNEL_ID", "DATABASE_URI", "HOSTS", "SECRET_KEYS", "SMTP_URI"


def test_lines_that_are_nearly_settings_are_let_be_beside_the_settings_themselves(dotenv: Path) -> None:
    mail = {"smtp_url": "smtp://post", "mail_from": "a@b.se", "public_url": "https://kundportal.example.se"}
    lines = dict.fromkeys(FOR_ANOTHER_PROGRAM, "other") | GOOD | mail | {"host": "127.0.0.2"}
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))

    assert load_settings().host == "127.0.0.2"


def test_a_line_that_is_nearly_a_setting_is_let_be_beside_one_in_the_environment(dotenv: Path, monkeypatch) -> None:
    dotenv.write_text("DATABASE_URI=postgresql://elsewhere/other\n")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///environment.db")

    assert load_database_url() == "sqlite:///environment.db"


def test_a_setting_that_is_given_is_set(dotenv: Path) -> None:
    dotenv.write_text("DATABASE_URI=postgresql://elsewhere/other\n")

    assert load_database_url("sqlite:///given.db") == "sqlite:///given.db"


def test_a_line_that_is_nearly_a_setting_is_named_beside_one_that_is_empty(dotenv: Path, monkeypatch) -> None:
    dotenv.write_text("SMTP_URI=smtp://post\nSMTP_URL=smtp://post\n")
    monkeypatch.setenv("SMTP_URL", "")

    with pytest.raises(WrongSettings, match=r"^SMTP_URI: is no setting; SMTP_URL is$"):
        load_database_url()


@pytest.mark.parametrize("content", [b"MAIL_FROM=Kundportalen p\xe5 Inera <a@b.se>\n", b"\xff\xfeP\x00"])
def test_a_file_that_is_no_text_is_told_as_such(dotenv: Path, content: bytes) -> None:
    dotenv.write_bytes(content)

    with pytest.raises(WrongSettings, match=r"^\.env: must be a file of text in UTF-8"):
        load_database_url()


def test_a_file_that_begins_as_files_of_windows_do_is_read(dotenv: Path) -> None:
    dotenv.write_text("DATABASE_URL=sqlite:///file.db\r\n", "utf-8-sig")

    assert load_database_url() == "sqlite:///file.db"


@pytest.mark.parametrize("url", ["collector:4318", "ftp://collector", "https://user:word@collector", "https://"])
def test_the_receiver_of_traces_is_an_address_of_the_web(url: str) -> None:
    assert [line.split(": must")[0] for line in said_of("otel_exporter_otlp_endpoint", url)] == [
        "OTEL_EXPORTER_OTLP_ENDPOINT"
    ]


@pytest.mark.parametrize("missing", NEEDED)
def test_traces_without_their_packages_are_said_to_need_them(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    assert said_of("otel_exporter_otlp_endpoint", "http://127.0.0.1:4318") == [
        "OTEL_EXPORTER_OTLP_ENDPOINT: must have its packages installed: kundportal[otel] (docs/operating.md, Traces)"
    ]
    assert load_settings(_env_file=None, **GOOD).trace_receiver() is None


def test_what_a_receiver_of_traces_is_shown_is_no_secret_of_an_error() -> None:
    told = said_of("otel_exporter_otlp_headers", "a-secret-alone")

    assert told == ["OTEL_EXPORTER_OTLP_HEADERS: must be name=value, with commas between several"]


def test_traces_go_where_the_settings_say_under_the_usual_name() -> None:
    given = {"otel_exporter_otlp_endpoint": "https://collector.example/otlp/", "otel_exporter_otlp_headers": "a=b,c=d"}
    receiver = load_settings(_env_file=None, **(GOOD | given)).trace_receiver()

    assert receiver == TraceReceiver("https://collector.example/otlp", "a=b,c=d", "kundportal")
    assert "a=b" not in repr(receiver)


def test_every_setting_stands_in_the_example_and_nothing_else_does(dotenv: Path) -> None:
    text = (Path(__file__).parents[2] / ".env.example").read_text("utf-8")

    assert {name.lower() for name in re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE)} == {*Settings.model_fields}


def test_what_the_example_fills_in_means_the_same_to_whatever_reads_such_files() -> None:
    # kubectl and docker keep quotation marks and what stands after a value; systemd keeps the latter.
    lines = [line.removeprefix("# ") for line in EXAMPLE.read_text("utf-8").splitlines()]
    plain = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))

    assert dotenv_values(stream=StringIO("\n".join(f"{name}={value}" for name, value in plain.items()))) == plain


def test_the_example_as_it_is_lacks_what_only_whoever_runs_it_knows(dotenv: Path) -> None:
    dotenv.write_bytes((Path(__file__).parents[2] / ".env.example").read_bytes())

    with pytest.raises(WrongSettings) as told:
        load_settings()

    assert sorted(str(told.value).splitlines()) == [
        "PORTAL_URL: is missing",
        "SECRET_KEY: is missing",
        "SLACK_BOT_TOKEN: is missing",
        "SLACK_CHANNEL: is missing",
        "SLACK_SIGNING_SECRET: is missing",
        f"SUPPORT_EMAIL: must be given, or SUPPORT_URL, for people to reach customer service: {EXAMPLES}",
    ]


@pytest.mark.parametrize(
    "url", ["http://a.se", "https://a.se/path", "https://", "a.se", "https://a.se?x", "https://a b.se"]
)
def test_slack_is_told_of_no_address_that_it_does_not_reach(url: str) -> None:
    with pytest.raises(WrongSettings, match="PUBLIC_URL: must begin with https:// and have no path"):
        load_public_url(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_pages_on_this_machine_itself_need_no_encryption(host: str) -> None:
    assert said_of("public_url", f"http://{host}") == []


def test_the_manifest_is_printed_with_the_operators_address() -> None:
    printed = manifest_for("https://slack.example.org/")

    assert "https://slack.example.org/slack/events" in printed
    assert "kundportal.example.se" not in printed


def test_every_period_of_the_table_is_a_setting_with_the_tables_period() -> None:
    fields = PurgeSettings.model_fields.items()
    periods = {name: field.default for name, field in fields if name.startswith("keep_")}

    assert periods == {each.setting: each.keep for each in RETENTION}


def test_another_period_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    monkeypatch.setenv("KEEP_DECISIONS_YEARS", "10")
    kept = load_purge_settings().retention()

    assert {what: each.keep for what, each in kept.items()} == {
        "cards": 30, "slack_ids": 90, "free_texts": 24, "names": 24, "agreements": 7, Personal.DECISIONS: 10,
    }  # fmt: skip


def test_a_mail_server_is_read_from_its_address() -> None:
    given = {"mail_from": "Kundportalen <portal@inera.example>", "public_url": "https://kundportal.example.se/"}
    url = "smtp+starttls://me%40inera.example:p%3Aw@post.example.se"
    settings = load_settings(_env_file=None, **GOOD, **given, smtp_url=url)

    assert settings.public_url == "https://kundportal.example.se"
    assert settings.mail_server() == (
        MailServer("post.example.se", 587, "me@inera.example", "p:w", starttls=True),
        Sender("Kundportalen <portal@inera.example>", "portal@inera.example"),
    )


def test_without_a_mail_server_there_is_no_mail() -> None:
    assert load_settings(_env_file=None, **GOOD).mail_server() is None


def test_what_nobody_has_set_is_what_the_example_shows():
    shown = dict(line.split("=", 1) for line in EXAMPLE.read_text("utf-8").splitlines() if re.match("[A-Z_]+=", line))
    defaults = {name: field.default for name, field in Settings.model_fields.items() if not field.is_required()}

    said = {name: str(value) for name, value in defaults.items() if shown.get(name.upper()) and value is not None}
    assert said == {name: shown[name.upper()] for name in said}
    assert {"host", "forwarded_allow_ips", "port"} <= set(said)
