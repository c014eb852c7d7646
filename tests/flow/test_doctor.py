"""`kundportal doctor` beside a product, a Slack and a mail server that run: each fault is named, with its cure."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from time import time
from typing import ClassVar

import pytest
import uvicorn
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from bot.cli.commands import app
from bot.cli.doctor.examined import off, summary, unseen, well
from bot.config.settings import Settings, load_settings
from bot.demo.run import Demo, bind
from bot.main import build
from bot.sandbox.app import create_app
from bot.sandbox.server import Server
from bot.server.serving import OPTIONS
from core.api import Language
from core.storage import migrations
from tests.flow.people import FARID, OSCAR, place_order
from tests.flow.slack import Slack, until
from tests.flow.stage import at_a_place, running, sandbox, with_ineras_slack_alone
from tests.support.machines.certificates import nobodys_certificate
from tests.support.machines.collector import collecting
from tests.support.machines.folders import small_disk
from tests.support.machines.names import name_server
from tests.support.machines.postoffice import post_office
from tests.support.machines.product import ROOT
from tests.support.world import contact

KEY = "of-these-tests-and-of-nobody-else-at-all"
WELL = (
    "The settings can be used.",
    "The database answers.",
    "The database has the schema of this version.",
    "The database can be saved to.",
    "The disk of the database has room left.",
    "Files that wait to be read take 0 per cent of their room.",
    "There is somebody at customer service and something to order.",
    "The clock goes as Slack's.",
    "Slack accepts SLACK_BOT_TOKEN, which is for Inera (T0KUNDDEMO1).",
    "The app has all the scopes that it needs.",
    "The server uses the workspace Inera.",
    "The mail server answers and takes the login.",
    "SPF of inera.example says which servers may send.",
    "DMARC of inera.example says what becomes of mails that are not from it (reject).",
)
# What the DNS says of domains: one that is well, a part of it, and one for each way to be wrong.
NAMES = {
    "inera.example": ['"google-site-verification=1"', '"v=spf1 include:_spf.example " "-all"'],
    "_dmarc.inera.example": ['"v=DMARC1; p=reject; rua=mailto:dmarc@inera.example"'],
    "s1._domainkey.inera.example": ['"v=DKIM1; k=rsa; p=MIIBIjAN"'],
    "ended._domainkey.inera.example": ['"v=DKIM1; p="'],
    "mejl.inera.example": ['"v=spf1 mx -all"'],
    "without.example": [],
    "two.example": ['"v=spf1 mx -all"', '"v=spf1 a -all"'],
    "open.example": ['"v=spf1 +all"'],
    "quiet.example": ['"v=spf1 mx -all"'],
    "example": ['"v=spf1 -all"'],
    "_dmarc.example": ['"v=DMARC1; p=none"'],
    **{f"_dmarc.{name}.example": ['"v=DMARC1; p=none"'] for name in ("without", "two", "open")},
}


@dataclass(frozen=True)
class Ward:
    """Where the doctor looks: the settings of a deployment that is well, what runs beside it, and a port that is not
    listened to and that nobody else gets."""

    place: Demo
    settings: Mapping[str, str]
    people: Slack
    closed: int
    names: str


@pytest.fixture(scope="module")
def ward(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """One for all of these, since none of them may change anything in it."""
    with opened(prepared, tmp_path_factory.mktemp("doctor")) as ward:
        yield ward


@contextmanager
def opened(prepared: Path, folder: Path) -> Iterator[Ward]:
    """A product that runs, with the Slack, the mail server and the database of its settings."""
    with (
        at_a_place(prepared, folder) as place,
        post_office() as post,
        name_server(NAMES) as names,
    ):
        slack = place.sandbox()
        # The demo's tokens are sealed with the demo's key.
        with_ineras_slack_alone(place)
        settings = {
            "DATABASE_URL": place.database_url,
            "SLACK_BOT_TOKEN": slack.workspaces[0].bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": place.address + "/api/",
            "SLACK_CHANNEL": slack.workspaces[0].channels[0].id,
            "PUBLIC_URL": place.site,
            "PORTAL_URL": "https://portal.example.org",
            "SECRET_KEY": KEY,
            "ENVIRONMENT": "test",
            "SMTP_URL": f"smtp://127.0.0.1:{post.port}",
            "MAIL_FROM": "Kundportalen <kundportalen@inera.example>",
            **contact.ENVIRONMENT,
        }
        given = {name.lower(): value for name, value in settings.items()}
        server = uvicorn.Server(
            uvicorn.Config(build(load_settings(_env_file=None, **given)), log_level="warning", **OPTIONS)
        )
        with sandbox(place) as people, running(server, place.product):
            until(lambda: people.person(OSCAR).opens_home() == 200, what="the workspace")
            with closing(socket.socket()) as closed:
                closed.bind(("127.0.0.1", 0))
                yield Ward(place, settings, people, closed.getsockname()[1], names)


@pytest.fixture
def asked(ward: Ward, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Type the command in a folder with these settings in `.env`, some of them changed or left out."""
    for name in (*(field.upper() for field in Settings.model_fields), "SLACK_CONFIGURATION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def ask(*words: str, encoding: str = "utf-8", **changed: str | None) -> Result:
        lines = {name: value for name, value in {**ward.settings, **changed}.items() if value is not None}
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding)
        return CliRunner().invoke(app, ["doctor", "--name-server", ward.names, *words], catch_exceptions=False)

    return ask


def _copied(ward: Ward, folder: Path) -> Path:
    with closing(sqlite3.connect(make_url(ward.place.database_url).database)) as there:
        there.execute("VACUUM INTO ?", (str(folder / "copy.db"),))
    return folder / "copy.db"


def lines(told: Result, verdict: str) -> list[str]:
    """What is said of everything that was found so."""
    return [line.partition(":")[2].strip() for line in told.output.splitlines() if line.startswith(f"{verdict}:")]


def test_of_a_deployment_that_is_well_nothing_is_to_be_mended_and_what_is_not_known_is_said(asked, ward) -> None:
    told = asked()

    door = (
        f"The server answers at {ward.place.site}/slack/events and takes only what is signed with SLACK_SIGNING_SECRET."
    )
    assert {*WELL, door} <= set(lines(told, "OK"))
    assert lines(told, "Wrong") == []
    channel, kinds, manifest, dkim, agreements = lines(told, "Unknown")
    assert "no message has been sent there yet" in channel
    assert "there is none in Slack yet" in kinds
    assert "SLACK_CONFIGURATION_TOKEN" in manifest
    assert dkim.startswith("DKIM of inera.example was not checked.")
    assert agreements.startswith("AGREEMENTS_FOLDER is not set, so customers and agents sign the templates of")
    assert told.output.splitlines()[-1] == "5 things could not be checked."
    assert told.exit_code == 0


def test_all_is_right_where_something_is_off_and_not_where_something_is_not_known() -> None:
    found = [well("doctor.database.well"), off("doctor.mail.off")]

    assert [*summary(found, Language.EN)] == ["Everything is right."]
    assert [*summary([*found, unseen("doctor.slack.unseen")], Language.EN)] == ["1 thing could not be checked."]


def test_behind_a_wall_it_asks_for_a_connection_and_knocks_at_no_door(asked, ward) -> None:
    told = asked(SLACK_APP_TOKEN=ward.place.sandbox().app_token, SLACK_SIGNING_SECRET=None)

    assert set(lines(told, "OK")) == {*WELL, "Slack opens connections for SLACK_APP_TOKEN."}


def test_behind_a_wall_slack_looks_at_the_manifest_of_socket_mode_and_no_pages_are_missed(
    asked, ward, monkeypatch
) -> None:
    config = ward.place.sandbox()
    monkeypatch.setenv("SLACK_CONFIGURATION_TOKEN", config.configuration_token)
    told = asked(SLACK_APP_TOKEN=config.app_token, SLACK_SIGNING_SECRET=None, PUBLIC_URL=None, SMTP_URL=None)

    alone = "PUBLIC_URL is not set. Slack is then used alone, without web pages and mail."
    assert alone in lines(told, "Off")
    assert "Slack accepts the manifest of the app for Socket Mode." in lines(told, "OK")
    assert not [line for line in lines(told, "Unknown") if "PUBLIC_URL" in line]


def test_it_changes_nothing_in_the_database(asked, ward, tmp_path) -> None:
    # The product goes on writing to its own.
    copy = _copied(ward, tmp_path)

    def stored() -> list[str]:
        with closing(sqlite3.connect(copy)) as connection:
            return list(connection.iterdump())

    before = stored()
    told = asked(DATABASE_URL=f"sqlite:///{copy}")

    assert "The database can be saved to." in lines(told, "OK")
    assert stored() == before


def test_it_speaks_swedish_where_it_is_asked_to(asked) -> None:
    told = asked("--language", "sv", PUBLIC_URL=None, SMTP_URL=None)

    assert "Rätt: Databasen svarar." in told.output
    assert "Oklart: PUBLIC_URL är inte satt" in told.output
    assert "Av: SMTP_URL är inte satt, så inga mejl skickas." in told.output
    assert told.output.splitlines()[-1] == "5 saker gick inte att kontrollera."
    assert told.exit_code == 0


# What is wrong, by name: what stands otherwise in `.env`, what is said, and how it is mended.
SEEDED: Mapping[str, tuple[Mapping[str, str | None], str, str]] = {
    "a setting that is no such thing": (
        {"SLACK_CHANNEL": "kundservice"},
        'SLACK_CHANNEL cannot be used. The program says: "must be the id of a channel, such as C0123456789".',
        "Mend it in the environment or in the file .env.",
    ),
    "a setting that is missing": ({"SECRET_KEY": None}, "SECRET_KEY is missing.", "in the file .env."),
    "a setting that another one needs": (
        {"MAIL_FROM": None},
        'MAIL_FROM is missing. The program says: "must be given where SMTP_URL is".',
        "Set it in the environment or in the file .env.",
    ),
    "a setting that is misspelt": (
        {"DEFAULT_LANGAUGE": "sv"},
        "DEFAULT_LANGAUGE is no setting, but DEFAULT_LANGUAGE is.",
        "in the file .env.",
    ),
    "a token for connections that opens none": (
        {"SLACK_APP_TOKEN": "xapp-1"},
        "Slack does not take SLACK_APP_TOKEN (invalid_auth)",
        "make a new token with connections:write",
    ),
    "no database": (
        {"DATABASE_URL": "sqlite:///nowhere.db"},
        "There is no file",
        "Mend DATABASE_URL. If the database is new, run kundportal migrate.",
    ),
    "a database that does not answer": (
        {"DATABASE_URL": "postgresql://127.0.0.1:{nobody}/kundportal"},
        "The database does not answer",
        "See that it runs and that DATABASE_URL is right.",
    ),
    "an empty database": ({"DATABASE_URL": "sqlite:///empty.db"}, "The database is empty", "run kundportal migrate"),
    "a database of a newer version": (
        {"DATABASE_URL": "sqlite:///newer.db"},
        "The schema of the database is newer than the program",
        "Start the newer version.",
    ),
    "a Slack that does not answer": (
        {"SLACK_API_URL": "http://127.0.0.1:{nobody}/api/"},
        "Slack does not answer at",
        "that SLACK_API_URL is right.",
    ),
    "a token that is no token there": (
        {"SLACK_BOT_TOKEN": "xoxb-of-nobody"},
        "Slack does not accept SLACK_BOT_TOKEN (invalid_auth).",
        "Install the app again at api.slack.com/apps",
    ),
    "a token that was sealed with another key": (
        {"SECRET_KEY": f"another-{KEY}"},
        "The token of Inera cannot be read",
        "in EARLIER_TOKEN_KEYS.",
    ),
    "a channel that is not there": (
        {"SLACK_CHANNEL": "C0NOWHERE01"},
        "SLACK_CHANNEL (C0NOWHERE01) is not in Inera",
        "invite the app to the channel by /invite.",
    ),
    "a signing secret of another app": (
        {"SLACK_SIGNING_SECRET": "0f14e45fceea167a5a36dedd4bea2540"},
        "refuses what is signed with SLACK_SIGNING_SECRET.",
        "Mend it by Basic Information at api.slack.com/apps",
    ),
    "a server that nobody reaches": (
        {"PUBLIC_URL": "http://127.0.0.1:{nobody}"},
        "Nobody answers at",
        "See that the server runs, that PUBLIC_URL is right",
    ),
    "a mail server that does not answer": (
        {"SMTP_URL": "smtp://127.0.0.1:{nobody}"},
        "The mail server does not answer",
        "that SMTP_URL has the right name and port.",
    ),
    "a domain that does not say who may send": (
        {"MAIL_BOUNCE": "bounce@without.example"},
        "SPF is missing for without.example.",
        "name the servers that may send, in a TXT that begins with v=spf1",
    ),
    "a domain that nobody has heard of": (
        {"MAIL_BOUNCE": "bounce@nowhere.example"},
        "SPF is missing for nowhere.example.",
        "name the servers that may send, in a TXT that begins with v=spf1",
    ),
    "a domain that says it twice": (
        {"MAIL_BOUNCE": "bounce@two.example"},
        "two.example has several SPF records, and then none counts.",
        "make them one",
    ),
    "a domain that lets anybody send": (
        {"MAIL_BOUNCE": "bounce@open.example"},
        "SPF of open.example lets anybody send.",
        "name the servers that may.",
    ),
    "a domain that does not say what becomes of others' mails": (
        {"MAIL_FROM": "kundportalen@quiet.example"},
        "DMARC is missing for quiet.example.",
        "as a TXT at _dmarc.quiet.example",
    ),
    "a mail server without a way to log in": (
        {"SMTP_URL": "smtp://user:password@127.0.0.1:{mail}"},
        "The mail server does not have the encryption or the way to log in",
        "Choose smtps://, smtp+starttls:// or smtp://",
    ),
}


@pytest.mark.parametrize("name", SEEDED)
def test_what_is_wrong_is_named_with_how_to_mend_it(asked, ward, tmp_path, name: str) -> None:
    changed, told, cure = SEEDED[name]
    _make_databases(tmp_path)
    ports = {"{mail}": ward.settings["SMTP_URL"].rpartition(":")[2], "{nobody}": str(ward.closed)}
    answer = asked(**{key: value and _with(ports, value) for key, value in changed.items()})

    (said,) = lines(answer, "Wrong")
    assert told in said
    assert cure in said
    assert answer.output.splitlines()[-2 if lines(answer, "Unknown") else -1] == "1 thing to mend."
    assert answer.exit_code == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY saknas. Sätt den i miljön eller i filen .env."),
        (
            {"MAIL_FROM": None},
            'MAIL_FROM saknas. Programmet säger: "must be given where SMTP_URL is". '
            "Sätt den i miljön eller i filen .env.",
        ),
        (
            {"DEFAULT_LANGAUGE": "sv"},
            "DEFAULT_LANGAUGE är ingen inställning, men DEFAULT_LANGUAGE är det. Rätta namnet i filen .env.",
        ),
        (
            {"PORT": "åttatusen"},
            'PORT går inte att använda. Programmet säger: "must be a whole number from 0 to 65535". '
            "Rätta den i miljön eller i filen .env.",
        ),
    ],
)
def test_of_a_wrong_setting_the_swedish_doctor_says_in_swedish_which_it_is_and_what_to_do(asked, changed, said) -> None:
    assert lines(asked("--language", "sv", **changed), "Fel") == [said]


def test_a_file_of_settings_that_is_no_text_is_wrong(asked) -> None:
    told = asked("--language", "sv", encoding="latin-1", MAIL_FROM="På Inera <a@inera.example>")

    assert lines(told, "Fel") == [
        "Filen .env går inte att läsa. Den ska innehålla text i UTF-8, och servern ska få läsa den."
    ]


def test_a_register_with_nobody_and_nothing_in_it_is_wrong(asked, tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrations.upgrade(url)
    told = asked(DATABASE_URL=url)
    swedish = asked("--language", "sv", DATABASE_URL=url)

    assert lines(told, "Wrong") == [
        "Nobody has the role customer_service, so nobody can take care of orders and applications."
        " Load a file in which somebody has it: kundportal load FILE.",
        "There is no offer, so nobody can order anything. Load a file with offers: kundportal load FILE.",
    ]
    assert "Det finns inget erbjudande, så ingen kan beställa något." in swedish.output
    assert told.output.splitlines()[-2] == "2 things to mend."


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("UPDATE role_assignments SET valid_to = 1 WHERE role LIKE 'customer_service%'", "Nobody has the role"),
        ("UPDATE persons SET active = 0", "Nobody has the role"),
        ("UPDATE offers SET active = 0", "There is no offer"),
    ],
)
def test_a_register_that_lacks_one_of_the_two_is_wrong_by_that_alone(asked, ward, tmp_path, lost, said) -> None:
    copy = _copied(ward, tmp_path)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(lost)
        connection.commit()

    (told,) = lines(asked(DATABASE_URL=f"sqlite:///{copy}"), "Wrong")

    assert told.startswith(said)


def test_agreements_of_ones_own_are_well(asked) -> None:
    folder = ROOT / "notifications" / "documents" / "agreements"
    told = asked(AGREEMENTS_FOLDER=str(folder))

    assert f"Customers and agents sign the agreements in {folder}." in lines(told, "OK")
    assert "AGREEMENTS_FOLDER" not in told.output


def test_whoever_receives_traces_is_sent_none_and_asked_whether_it_takes_them(asked) -> None:
    with collecting() as collector:
        wanted = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_HEADERS": "x-key=of-the-tests"}
        right = asked(**wanted)
        collector.status = 401
        wrong = asked(**wanted)

    assert f"{collector.url} takes the traces." in lines(right, "OK")
    assert collector.spans == []
    assert collector.headers[0]["x-key"] == "of-the-tests"
    (told,) = lines(wrong, "Wrong")
    assert told.startswith(f"{collector.url} does not take the traces (http_401). See that the receiver runs,")


def test_who_reads_the_first_line_alone_sees_no_error_of_the_rest(asked, ward, tmp_path) -> None:
    asked()
    command = [sys.executable, "-m", "bot", "doctor", "--name-server", ward.names]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as doctor:
        assert doctor.stdout is not None
        assert doctor.stderr is not None
        first = doctor.stdout.readline()
        doctor.stdout.close()
        said = doctor.stderr.read()

    assert (first, said, doctor.returncode) == ("OK: The settings can be used.\n", "", 1)


def test_a_disk_that_is_soon_full_is_wrong(asked, ward, tmp_path) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        copy = _copied(ward, disk)
        told, swedish = (
            asked(DATABASE_URL=f"sqlite:///{copy}"),
            asked("--language", "sv", DATABASE_URL=f"sqlite:///{copy}"),
        )

    (said,), (sagt,) = lines(told, "Wrong"), lines(swedish, "Fel")
    assert re.fullmatch(r"The disk of the database has \d\d? MB left\. .* Make room on it, or move .*", said)
    assert re.fullmatch(r"Databasens disk har \d\d? MB kvar\. .* Frigör plats på den, eller flytta .*", sagt)
    assert told.exit_code == 1


def test_that_there_is_soon_no_room_for_files_is_said_with_what_to_do(asked, ward, tmp_path) -> None:
    copy = _copied(ward, tmp_path)
    with closing(sqlite3.connect(copy)) as connection:
        put = "INSERT INTO attachments (id, form, network, kind, size, content, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        connection.execute(put, ("F1", "a form", "a network", "application/pdf", 800_000_000, b"", 0))
        connection.commit()

    (said,) = lines(asked(DATABASE_URL=f"sqlite:///{copy}"), "Wrong")

    assert said.startswith("Files that wait to be read take 80 per cent of their room")
    assert said.endswith("to decide the oldest applications.")


def _with(ports: Mapping[str, str], value: str) -> str:
    for name, port in ports.items():
        value = value.replace(name, port)
    return value


def _make_databases(folder: Path) -> None:
    (folder / "empty.db").touch()
    with closing(sqlite3.connect(folder / "newer.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()


def test_a_part_of_a_domain_is_judged_by_what_the_whole_says(asked) -> None:
    told = asked(MAIL_FROM="kundportalen@mejl.inera.example")

    assert lines(told, "Wrong") == []
    assert "DMARC of mejl.inera.example says what becomes of mails that are not from it (reject)." in lines(told, "OK")


@pytest.mark.parametrize(("selector", "key"), [("s1", True), ("ended", False), ("s2", False)])
def test_the_key_that_mails_are_signed_with_is_looked_up_where_it_is_named(asked, selector: str, key) -> None:
    told = asked("--dkim-selector", selector)

    assert ("DKIM of inera.example has the key that mails are signed with." in lines(told, "OK")) == key
    assert [line.partition(".")[0] for line in lines(told, "Wrong")] == [
        f"There is no DKIM key at {selector}" for _ in range(not key)
    ]


def test_where_no_name_server_answers_nothing_is_said_of_the_domain(asked, ward) -> None:
    told = asked("--name-server", f"127.0.0.1:{ward.closed}")

    assert lines(told, "Wrong") == []
    assert "No name server answers, so SPF, DKIM and DMARC of inera.example were not checked." in told.output


def test_a_name_server_that_is_no_address_is_refused(asked) -> None:
    told = asked("--name-server", "dns.example.se")

    assert told.exit_code == 2
    assert told.output == "dns.example.se is no IP address, as 192.0.2.53 or [2001:db8::53]:5353.\n"


def test_what_stands_on_what_is_wrong_is_not_called_well(asked) -> None:
    told = asked(DATABASE_URL="sqlite:///nowhere.db", SLACK_BOT_TOKEN="xoxb-of-nobody")

    assert len(lines(told, "Wrong")) == 2
    assert "The rest of the database is checked when that is mended." in lines(told, "Unknown")
    assert "Scopes and channel are checked when Slack accepts the token." in lines(told, "Unknown")
    assert not [line for line in lines(told, "OK") if "database" in line or "scopes" in line]


# --- what another server answers


def test_a_token_of_another_workspace_with_too_few_scopes_is_both(asked, ward) -> None:
    config = ward.place.sandbox()
    manifest = config.manifest.model_copy(update={"scopes": config.manifest.scopes - {"users:read", "im:write"}})
    team = config.workspaces[0].model_copy(update={"id": "T0ELSEWHERE", "name": "Elsewhere"})
    changed = config.model_copy(update={"manifest": manifest, "workspaces": (team,)})
    with bind(0) as page, running(Server(create_app(changed), 0), page):
        told = asked(SLACK_API_URL=f"http://127.0.0.1:{page.getsockname()[1]}/api/")

    assert lines(told, "Wrong") == [
        "The app lacks im:write, users:read. Compare it with kundportal manifest, and install it again.",
        "SLACK_BOT_TOKEN is for Elsewhere, but the server has used Inera. Copy the token from the right workspace.",
    ]


def test_a_workspace_that_nothing_is_sent_to_is_named(asked, ward, tmp_path) -> None:
    copy = _copied(ward, tmp_path)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE workspaces SET problem = 'token_revoked' WHERE id != 'mail'")
        connection.commit()
    stopped = asked(DATABASE_URL=f"sqlite:///{copy}")
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE workspaces SET problem = NULL, expires_at = 1 WHERE id != 'mail'")
        connection.commit()
    expired = asked(DATABASE_URL=f"sqlite:///{copy}")
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM workspaces WHERE id != 'mail'")
        connection.commit()
    none = asked(DATABASE_URL=f"sqlite:///{copy}")

    assert "Slack takes nothing for Inera (token_revoked). Install the app again there." in stopped.output
    (said,) = lines(expired, "Wrong")
    assert "The token of Inera expires within an hour, or has expired" in said
    assert "correct SLACK_CLIENT_ID and SLACK_CLIENT_SECRET if they are not the app's." in said
    assert "No workspace is used yet." in " ".join(lines(none, "Unknown"))


class _Answering(BaseHTTPRequestHandler):
    """Says to every request what it was sent, as something that is no Kundportalen may."""

    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Moved(_Answering):
    status = 302


class _Slack(_Answering):
    """A Slack that takes the token, and answers otherwise by method."""

    answers: ClassVar[Mapping[str, Mapping[str, object]]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {"team_id": "T0KUNDDEMO1", "team": "Inera", "user_id": "U0KUNDPORTA"}
        said = json.dumps({"ok": True, **told, **self.answers.get(self.path.rpartition("/")[2], {})}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self) -> None:
        self.path = self.path.partition("?")[0]
        self.do_POST()


class _Picky(_Slack):
    """As in the example of blocks.validate."""

    answers: ClassVar = {
        "blocks.validate": {
            "ok": False,
            "error": "invalid_blocks",
            "errors": [
                {"code": "failed_constraint", "message": "unsupported type: invalid", "pointer": "/0/text/type"}
            ],
        }
    }


class _Late(_Answering):
    """A Slack by whose clock it is ten minutes earlier."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(int(time()) - 600)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = b'{"ok": false, "error": "invalid_auth"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


@contextmanager
def _answered_by(handler: type[BaseHTTPRequestHandler], tls: SSLContext | None = None) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (_Answering, "takes what nobody has signed, and Kundportalen does not. Mend PUBLIC_URL"),
        (_Moved, "Something else than Kundportalen answers at {url}/slack/events (HTTP 302). Mend PUBLIC_URL"),
    ],
)
def test_something_else_at_the_address_is_told_from_the_product(asked, handler, told) -> None:
    with _answered_by(handler) as url:
        answer = asked(PUBLIC_URL=url)

    (said,) = lines(answer, "Wrong")
    assert told.replace("{url}", url) in said


def test_a_certificate_that_slack_would_not_trust_is_told_with_its_address(asked, tmp_path) -> None:
    with _answered_by(_Answering, nobodys_certificate(tmp_path)) as url:
        answer = asked(PUBLIC_URL=url)

    (said,) = lines(answer, "Wrong")
    assert said.startswith(f"The certificate at {url}/slack/events cannot be trusted")


def test_cards_that_stand_in_slack_are_looked_at_by_slack_in_both_languages(asked, prepared, tmp_path_factory) -> None:
    with opened(prepared, tmp_path_factory.mktemp("cards")) as busy:
        case = place_order(busy.people, "npo-producent", FARID)
        busy.people.person(FARID).message(case)
        before = [each["method"] for each in busy.people.log()["calls"]]
        right = asked(**busy.settings)
        calls = busy.people.log()["calls"][len(before) :]
        with _answered_by(_Picky) as url:
            wrong = asked(**{**busy.settings, "SLACK_API_URL": f"{url}/api/"})

    looked = [each for each in calls if each["method"] == "blocks.validate"]
    assert f"in Swedish and English ({len(looked)} were checked)." in " ".join(lines(right, "OK"))
    assert len(looked) >= 4
    told = [line for line in lines(wrong, "Wrong") if line.startswith("Slack cannot show")]
    # The product goes on posting meanwhile.
    assert len(told) >= len(looked)
    assert not [line for line in lines(wrong, "OK") if line.startswith("Slack can show")]
    assert any("of the kind status (sv): /0/text/type: unsupported type: invalid." in line for line in told)


def test_slack_looks_at_the_manifest_where_somebody_lends_a_token_of_configuration(asked, ward, monkeypatch) -> None:
    url = f"https://127.0.0.1:{ward.closed}"
    monkeypatch.setenv("SLACK_CONFIGURATION_TOKEN", ward.place.sandbox().configuration_token)
    right, wrong = asked(PUBLIC_URL=url), asked()
    monkeypatch.setenv("SLACK_CONFIGURATION_TOKEN", "xoxe.xoxp-of-nobody")
    refused = asked()

    assert f"Slack accepts the manifest of the app for {url}." in lines(right, "OK")
    (told,) = lines(wrong, "Wrong")
    assert "/settings/interactivity/request_url: must be an address that begins with https://" in told
    assert told.endswith("Mend PUBLIC_URL, which is to begin with https://.")
    (told,) = lines(refused, "Wrong")
    assert told.startswith("Slack does not accept SLACK_CONFIGURATION_TOKEN (invalid_auth).")


def test_a_clock_that_is_not_slacks_is_told_with_how_far_it_is_wrong(asked) -> None:
    with _answered_by(_Late) as url:
        told = asked(SLACK_API_URL=f"{url}/api/")

    (said,) = (line for line in lines(told, "Wrong") if line.startswith("The clock"))
    seconds = int(said.removeprefix("The clock is ").partition(" ")[0])
    assert 600 <= seconds < 660
    assert "ahead of Slack's" in said
    assert "Set it, for instance by NTP." in said


def test_programs_read_what_the_doctor_found_as_json(asked) -> None:
    told = asked("--json", SECRET_KEY="short")
    found = json.loads(told.output)

    assert told.exit_code == 1
    assert found["wrong"] == 1
    assert found["looks"][0]["verdict"] == "wrong"
    assert "SECRET_KEY" in found["looks"][0]["said"]
