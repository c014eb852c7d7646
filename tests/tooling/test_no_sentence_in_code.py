"""People read sentences from notifications/texts, in their own language; code holds none."""

from pathlib import Path

import pytest

from tests.tooling import sentences

ROOT = Path(__file__).parents[2]

# (file, words) of a literal that only looks like a sentence, with the reason it stays.
ALLOWED: dict[tuple[str, str], str] = {
    ("bot/web/links/files.py", "sandbox; default-src 'none'; frame-ancestors 'none'"): "a policy for browsers",
    ("notifications/documents/chart.py", "outside lower left"): "what matplotlib calls a place",
    ("bot/slack/slack_app.py", "A global middleware"): "what Bolt writes in the log, which is looked for there",
}


def test_no_sentence_stands_in_code() -> None:
    found = [sentence for sentence in sentences.in_project(ROOT) if (sentence.file, sentence.words) not in ALLOWED]

    told = "\n".join(f"{sentence.file}:{sentence.line}: {sentence.words!r}" for sentence in found)
    assert not found, f"these belong in notifications/texts:\n{told}"


def test_no_word_stands_in_a_template() -> None:
    found = sentences.in_templates(ROOT)

    told = "\n".join(f"{sentence.file}:{sentence.line}: {sentence.words!r}" for sentence in found)
    assert not found, f"these belong in notifications/texts:\n{told}"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Välkommen</p>", [(1, "Välkommen")]),
        ("<p>\n{{ name }} has signed\n</p>", [(2, "has signed")]),
        ('<a\n aria-label="To the start">{{ t("web.start") }}</a>', [(2, "To the start")]),
        ("<input placeholder='Region Exempel'>", [(1, "Region Exempel")]),
        ('<p class="lead">{{ t("web.start.lead") }}</p>{# a remark #}{% if late %}–{% endif %}', []),
        ('<meta name="viewport" content="width=device-width, initial-scale=1">', []),
    ],
)
def test_a_planted_word_in_a_template_is_found(template: str, found: list[tuple[int, str]]) -> None:
    assert sentences.in_template(template) == found


def test_no_allowance_outlives_its_literal() -> None:
    standing = {(sentence.file, sentence.words) for sentence in sentences.in_project(ROOT)}

    assert set(ALLOWED) <= standing


@pytest.mark.parametrize(
    "planted",
    [
        'say("Du har redan attesterat")',
        'f"Attesterad av {name} den {day}."',
        'block = {"type": "section", "text": {"type": "mrkdwn", "text": "*Vill du* attestera?"}}',
        'GREETING = "Welcome to the portal"',
        'raise NotYourStep("This is not yours")',
        'Button(description="Attestera den här beställningen")',
        'words = ("En beställning " "väntar på dig")',
        '"Select a new date" if late else ""',
        'log.info("we sent the message")',
    ],
)
def test_a_planted_sentence_is_found(planted: str) -> None:
    source = (
        f'"""A module that is about something."""\n\ndef f():\n    """It does what it does."""\n    x = {planted}\n'
    )
    if planted.startswith("raise"):
        source = f"def f():\n    {planted}\n"

    assert len(sentences.in_source(source, "bot/planted.py")) == 1


@pytest.mark.parametrize(
    "harmless",
    [
        'log.info("message_sent", order=id)',
        'say(language, "card.attested_by", name=name)',
        'text("state in the set of these")',
        'LATEST = "SELECT revision FROM cases WHERE id = :id"',
        'Field(description="Amount in whole öre")',
        'app.command(help="Start the web server")',
        '"chat:write im:write users:read"',
        'f"{area}.{thing}"',
    ],
)
def test_what_no_person_reads_is_left_alone(harmless: str) -> None:
    if harmless.startswith("app.command"):
        harmless = harmless.replace("app.command", "typer.Option")

    assert sentences.in_source(f"x = {harmless}", "bot/harmless.py") == []


def test_words_to_a_programmer_are_left_alone() -> None:
    source = 'assert row, "no row of the table"\nraise LookupError(f"no text for {key} in {language}")\n'

    assert sentences.in_source(source, "core/harmless.py") == []


def test_places_that_may_speak_are_open(tmp_path: Path) -> None:
    for name in ("notifications/texts/sv.py", "bot/sandbox/api.py", "bot/slack/listeners.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('x = "En beställning väntar"', "utf-8")

    assert [sentence.file for sentence in sentences.in_project(tmp_path)] == ["bot/slack/listeners.py"]
