"""Every wrong setting is named in one message, and no secret is in it."""

import pytest

from bot.manifest import manifest_for
from bot.settings import PurgeSettings, Settings, WrongSettings, load_purge_settings, load_settings
from core.api import RETENTION, Personal
from notifications.mail_gateway import MailServer, Sender

GOOD = {
    "database_url": "postgresql://kundportal@db/kundportal",
    "slack_bot_token": "xoxb-1",
    "slack_signing_secret": "s",
    "slack_channel": "C0123456789",
    "portal_url": "https://portal.example.se",
    "secret_key": "k" * 32,
    "environment": "test-1",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def wrong(**changed: object) -> str:
    with pytest.raises(WrongSettings) as told:
        load_settings(_env_file=None, **(GOOD | changed))
    return str(told.value)


def test_good_settings_are_taken_and_addresses_tidied() -> None:
    settings = load_settings(_env_file=None, **GOOD, slack_api_url="http://127.0.0.1:8301/api")

    assert settings.slack_api_url == "http://127.0.0.1:8301/api/"
    assert settings.default_language == "sv"


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"database_url": "mysql://x"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"database_url": "nothing"}, "DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ({"slack_bot_token": "xoxp-1"}, "SLACK_BOT_TOKEN: must be a bot token, which begins with xoxb-"),
        ({"slack_signing_secret": ""}, "SLACK_SIGNING_SECRET: must not be empty"),
        ({"secret_key": "short"}, "SECRET_KEY: must have at least 32 characters"),
        ({"history_key": "short"}, "HISTORY_KEY: must have at least 32 characters"),
        ({"earlier_history_keys": f"{'k' * 32}, short"}, "EARLIER_HISTORY_KEYS: must have at least 32 characters"),
        ({"portal_url": "portal"}, "PORTAL_URL: must begin with https:// or http://"),
        ({"slack_channel": "kundservice"}, "SLACK_CHANNEL: "),
        ({"environment": "a|b"}, "ENVIRONMENT: "),
        ({"port": "x"}, "PORT: "),
        ({"smtp_url": "http://post"}, "SMTP_URL: must begin with smtps://, smtp+starttls:// or smtp://"),
        ({"smtp_url": "smtp://me:secret@post.example.se"}, "SMTP_URL: must begin with smtps:// or smtp+starttls://"),
        ({"smtp_url": "smtps://post"}, "MAIL_FROM: must be given where SMTP_URL is\nPUBLIC_URL: must be given"),
        ({"mail_from": "Kundportalen"}, "MAIL_FROM: must be an e-mail address"),
        ({"agreements_folder": "/nowhere"}, "AGREEMENTS_FOLDER: must be a folder with a kundavtal-1.sv.md"),
        ({"default_language": "fi"}, "DEFAULT_LANGUAGE: "),
        ({"keep_names_months": 0}, "KEEP_NAMES_MONTHS: "),
        ({"keep_cards_days": 91}, "KEEP_DECISIONS_YEARS: must fit the other periods: slack_ids would go before"),
    ],
)
def test_a_wrong_value_is_named(changed: dict[str, object], line: str) -> None:
    assert wrong(**changed).startswith(line)


def test_everything_wrong_is_named_at_once_and_no_secret_shown() -> None:
    told = wrong(slack_bot_token="hush-token", secret_key="hush-key", portal_url="x")

    assert len(told.splitlines()) == 3
    assert "hush" not in told


def test_what_is_missing_is_named() -> None:
    with pytest.raises(WrongSettings) as told:
        load_settings(_env_file=None)

    assert "SLACK_SIGNING_SECRET: is missing" in str(told.value).splitlines()


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
