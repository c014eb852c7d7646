"""Plants mistakes one at a time and runs tests on each: a mistake that no test notices is a hole in the suite.

By hand: `.venv/bin/python -m tests.tooling.seeded_mistakes [name …] [--tests path …]`. It works on a copy of the tree.
A mistake meets the fast tests first, then the folders that reach its file, and all of them only when it is still there;
or the tests that are named, and no others.
Extend the list with each bug that reached somebody, and with each mistake that went unnoticed.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FAST = ("tests/rules", "tests/lives", "tests/edges", "tests/web")
# The folders that reach a file, by how its path begins; the first that fits.
REACHING = {
    "core/storage/migrations": ("tests/contract/test_migrations.py",),
    "core/http": ("tests/http",),
    "core": ("tests/contract", "tests/http", "tests/tooling"),
    "notifications/texts": ("tests/flow", "tests/tooling"),
    "notifications": ("tests/contract", "tests/flow"),
    "bot/sandbox": ("tests/sandbox",),
    "bot": ("tests/flow", "tests/tooling", "tests/contract"),
    ".dockerignore": ("tests/tooling/test_image.py",),
    "Dockerfile": ("tests/tooling/test_image.py",),
    "tests/tooling/sbom.py": ("tests/tooling/test_image.py",),
}


@dataclass(frozen=True)
class Mistake:
    """In a file, some text becomes another."""

    name: str
    file: str
    was: str
    becomes: str


MISTAKES = (
    Mistake(
        "that every decision of a new organisation needs an e-identification is told nowhere",
        "core/storage/register/register.py",
        "return value is False or value in (None, []) or",
        "return not value or",
    ),
    Mistake(
        "an agreement of which the hash alone was kept is accused once its days change",
        "core/audit/register_replay.py",
        "            entry = entry._replace(value=replace(entry.value, text=before.text))\n",
        "            pass\n",
    ),
    Mistake(
        "an order that became another is still whose it was, by what a purge left of it",
        "core/audit/case_comparison.py",
        "        elif is_order and record.content_version > before.content_version:\n",
        "        elif record.content_version < 0:\n",
    ),
    Mistake(
        "whoever approved for the agent declares jäv at the customer, and the approval stands",
        "core/workflow/flows.py",
        "STEPS_ASIDE_FROM_ONE_SIDE = (*NOT_RECUSED, people.acts_here_alone)",
        "STEPS_ASIDE_FROM_ONE_SIDE = NOT_RECUSED",
    ),
    Mistake(
        "a mark of the purge that was set by hand hides who decided",
        "core/storage/audit/replaying.py",
        "if closed_at is not None and self._bare_before is not None and closed_at < self._bare_before:",
        "if closed_at is None or self._bare_before is None or closed_at < self._bare_before:",
    ),
    Mistake(
        "a case whose first rows a purge took is held against nothing",
        "core/storage/audit/replaying.py",
        "                late.append(CaseId(id_))\n",
        "",
    ),
    Mistake(
        "who decided since is taken at the word of a case whose first rows a purge took",
        "core/audit/case_comparison.py",
        "other = next((decision for decision in since if decision not in told_decisions), None)",
        "other = next((decision for decision in since if not told_decisions), None)",
    ),
    Mistake(
        "a purge does not tell whose deciders it took",
        "core/storage/retention/purging_cases.py",
        "_take_decisions, is_told=True)",
        "_take_decisions)",
    ),
    Mistake(
        "a decision is judged by no agreement",
        "core/audit/replayed_rights.py",
        "return guards | BY_AGREEMENTS if rights.knows_agreements else guards",
        "return guards",
    ),
    Mistake(
        "a decision from before history held agreements is judged by them",
        "core/storage/audit/register_walk.py",
        "self._rights.knows_agreements = row.id > self._begins[True]",
        "self._rights.knows_agreements = row.id > self._begins[False]",
    ),
    Mistake(
        "a role for one service is taken to be good for another",
        "core/audit/replayed_rights.py",
        "        people.for_this_service,\n    }",
        "    }",
    ),
    Mistake(
        "a signed document that is another is passed over",
        "core/storage/audit/register_records.py",
        "text=None if row.text is None else hash_of(row.text),",
        "text=row.document_hash,",
    ),
    Mistake(
        "an agreement that somebody made by hand is passed over",
        "core/storage/audit/register_records.py",
        "    EntryKind.AGREEMENT: (_signed, _agreement_of),\n",
        "",
    ),
    Mistake(
        "the last signature leaves no line of the agreement",
        "core/storage/cases/effects.py",
        "        _note_agreement(connection, case, decision, number)\n",
        "",
    ),
    Mistake(
        "a document that the purge takes leaves no line",
        "core/storage/retention/purging_agreements.py",
        "            _note(connection, cases, at)\n",
        "",
    ),
    Mistake(
        "what an upgrade never wrote tells what had been agreed",
        "core/storage/audit/register_walk.py",
        "if self._stood.setdefault(is_later, row.at) != row.at:",
        "if self._stood.setdefault(is_later, row.at) != row.at and not is_later:",
    ),
    Mistake(
        "a claim of the first version is taken to have fixed a side",
        "core/audit/case_replay.py",
        "if record.version in {None, FIRST_VERSION} and row.does in superseded.FIXED_NO_SIDE:",
        "if record.version is None and row.does in superseded.FIXED_NO_SIDE:",
    ),
    Mistake(
        "what may be ordered is changed without a line of history",
        "core/storage/register/catalogue.py",
        'after = known(connection, tables.offers, code, "code")',
        "return outcome",
    ),
    Mistake(
        "another category of an organisation leaves no line of history",
        "core/storage/register/organisation_rules.py",
        'TOLD = (*DECLARED, *ASIDE, "kinds", "category")',
        'TOLD = (*DECLARED, *ASIDE, "kinds")',
    ),
    Mistake(
        "an organisation that was another's application becomes something else unseen",
        "core/storage/cases/effects.py",
        "    changed = {name: value for name, value in changed.items() if name in TOLD}\n",
        '    changed = {name: value for name, value in changed.items() if name in TOLD and "name" not in changed}\n',
    ),
    Mistake(
        "other days of what is held are told as its end",
        "core/storage/register/holding_entries.py",
        'before["valid_from"] == after["valid_from"] and ',
        "",
    ),
    Mistake(
        "a file is written although a line of it is wrong",
        "core/storage/register/loading.py",
        "if self.problems:\n            raise LoadFailed",
        "if len(self.problems) > 1_000:\n            raise LoadFailed",
    ),
    Mistake(
        "an organisation is cut where a transaction is full",
        "core/storage/register/loading.py",
        "if len(group) <= WHOLE:",
        "if len(group) <= 5:",
    ),
    Mistake(
        "a large organisation's rights are written in parts while people order",
        "core/storage/register/loading.py",
        "_pieces(group, stands=stands)",
        "_pieces(group, stands=False)",
    ),
    Mistake(
        "all that differs is written in one transaction",
        "core/storage/register/loading.py",
        "if batch and len(batch) + len(group) > ENTRIES:",
        "if batch and len(batch) + len(group) > 1_000 * ENTRIES:",
    ),
    Mistake(
        "a file that says what stands already is written all the same",
        "core/storage/register/loading.py",
        "if set(outcomes) <= {Outcome.SAME}:",
        "if not outcomes:",
    ),
    Mistake(
        "forms that wait take the turns of those who only read",
        "core/storage/database/postgresql.py",
        "asyncio.Semaphore(max(1, pool_size - FOR_READING))",
        "asyncio.Semaphore(pool_size)",
    ),
    Mistake(
        "presses wait for their turn among all else",
        "core/storage/database/postgresql.py",
        "self._presses = asyncio.Semaphore(pool_size)",
        "self._presses = self._turns",
    ),
    Mistake(
        "SQLite's writer takes presses in the order they come",
        "core/storage/database/sqlite.py",
        "(self._presses if isinstance(unit, _Press) else self._others).append(unit)",
        "self._presses.append(unit)",
    ),
    Mistake(
        "nothing else is written on SQLite while presses come",
        "core/storage/database/sqlite.py",
        "(1 if self.at_work else OTHERS)",
        "(0 if self.at_work else OTHERS)",
    ),
    Mistake(
        "presses wait for a lock without end",
        "core/storage/database/postgresql.py",
        '{**options.get("server_settings", {}), **self._settings}',
        '{**options.get("server_settings", {})}',
    ),
    Mistake(
        "what waits too long is a fault of ours instead of a refusal",
        "core/storage/database/timeouts.py",
        "        raise TryAgain from error\n",
        "        raise\n",
    ),
    Mistake(
        "the nightly purge is cut off where there is much to count",
        "core/storage/retention/purging.py",
        "self._database = database.unhurried()",
        "self._database = database",
    ),
    Mistake(
        "a customer attests after an agent whose amount no longer holds",
        "core/workflow/guards/progress.py",
        "    if now.side is Side.CUSTOMER and now.case.agent is not None and PAYER_OF[Side.AGENT] in changed:\n",
        "    if False:\n",
    ),
    Mistake(
        "an answer that is sent again answers the next question",
        "core/http/routes/orders.py",
        "    if before.question is not None and step not in {None, before.step}:\n",
        "    if before.question is not None and step != before.step:\n        step = before.step\n    if False:\n",
    ),
    Mistake(
        "a link of whom an answer has replaced still withdraws",
        "core/use_cases/applications.py",
        "        check_follower(self.held, context.case.application.administrator.email)\n",
        "",
    ),
    Mistake(
        "an organisation is what an application that came to nothing said",
        "core/storage/cases/effects.py",
        "    if _comes_of_nothing(connection, case):\n",
        "    if False:\n",
    ),
    Mistake(
        "a role that is prolonged is told of as ended",
        "core/storage/register/roles.py",
        "end is not None and (before.until is None or end < before.until)",
        "end is not None",
    ),
    Mistake(
        "a substitute comes back with a role that is given anew",
        "core/storage/register/roles.py",
        "        end_left_over(self.connection, person, organisation, entry.role, self.at, self.author)\n",
        "",
    ),
    Mistake(
        "limits are held against a price that will not be paid",
        "core/catalogue/prices.py",
        "for each in (costs, coming))",
        "for each in (costs, costs))",
    ),
    Mistake(
        "what was ordered is changed by hand after it was attested",
        "core/storage/audit/replaying.py",
        "        if content is not None and not is_bare and content != (now := content_hash(stands)):\n",
        "        if content is not None and is_bare and content != (now := content_hash(stands)):\n",
    ),
    Mistake(
        "an order whose price has ended is decided as a cheaper one",
        "core/workflow/guards/agreements.py",
        "return None if now.unpriced_since is None else PriceMissing(case=now.case.id)",
        "return None",
    ),
    Mistake(
        "a gap in one price makes a waiting order cheaper",
        "core/storage/cases/loading.py",
        "if unpriced is not None:\n        return None, unpriced",
        "if unpriced is None and prices is None:\n        return None, unpriced",
    ),
    Mistake(
        "a price for each unit is taken for the one for the order",
        "core/catalogue/prices.py",
        "return price.payer, price.kind, price.unit",
        "return price.payer, price.kind, PriceUnit.ORDER",
    ),
    Mistake(
        "a missing price is told of for every order",
        "core/use_cases/alarms.py",
        "    if await unit.told_of(alarm.key):\n        return False\n",
        "",
    ),
    Mistake(
        "an order is stopped by a missing price before anybody is told",
        "core/use_cases/clock.py",
        "if missing is not None and missing != self.told:",
        "if missing is not None and missing == self.told:",
    ),
    Mistake(
        "the card about a missing price reaches nobody where the lead has left Slack",
        "notifications/outbox/delivery_results.py",
        "SECOND_BEST = frozenset({CardKind.NOT_READY, CardKind.PRICE_MISSING,",
        "SECOND_BEST = frozenset({CardKind.NOT_READY,",
    ),
    Mistake(
        "an order whose attests suffice waits for one more",
        "core/workflow/guards/people.py",
        "return now.part in ATTESTING and missing_attests(now) <= 0",
        "return False",
    ),
    Mistake(
        "attests that nobody might give today take an order on",
        "core/workflow/guards/people.py",
        "may_be = SIDE_OF.get(attest.part) is now.side and _may_be_given(replace(now, counted=counted), attest)",
        "may_be = SIDE_OF.get(attest.part) is now.side",
    ),
    Mistake(
        "an attested order goes on without an agreement",
        "core/workflow/guards/progress.py",
        "return are_attested(deciding) and not any(condition(deciding) for condition, _ in STANDING)",
        "return are_attested(deciding)",
    ),
    Mistake(
        "an order that comes to a step with attests enough is left there",
        "core/workflow/assignees.py",
        "look_again = decision.at if goes_on(then) else after.review_at",
        "look_again = after.review_at",
    ),
    Mistake(
        "the review is told of as what was decided",
        "core/workflow/apply_transition.py",
        "decisions=case.decisions if row.does is Action.REVIEW else (*case.decisions, decision),",
        "decisions=(*case.decisions, decision),",
    ),
    Mistake(
        "how many attests another organisation asks for is told by the history",
        "core/views/timeline.py",
        "return SIDE_OF[PART_WAITED_FOR[decision.state]] is side",
        "return True",
    ),
    Mistake(
        "the image cannot be built, since what it copies is left out",
        ".dockerignore",
        "!app.yaml\n",
        "",
    ),
    Mistake(
        "a stage of the image begins from another base than the pinned one",
        "Dockerfile",
        "FROM ${BASE}\n",
        "FROM python:3.13-slim\n",
    ),
    Mistake(
        "whoever holds silent connections keeps everybody else out",
        "bot/server/serving.py",
        "    http=BoundedProtocol,",
        '    http="httptools",',
    ),
    Mistake(
        "a byte now and then keeps a connection open for ever",
        "bot/server/serving.py",
        "if self._deadline is None or self._has_head is not self._deadline_of_body:",
        "if True:",
    ),
    Mistake(
        "a header that never ends is kept in memory for as long as it comes",
        "bot/server/serving.py",
        "        if self._unread > HEAD_BYTES:",
        "        if False:",
    ),
    Mistake(
        "requests without end wait in memory behind the one that is answered",
        "bot/server/serving.py",
        "if self._is_answering() and len(self.pipeline) >= WAITING:",
        "if False:",
    ),
    Mistake(
        "a name that is much too long is searched for addresses while everybody waits",
        "core/shared/characters.py",
        'normalize("NFKC", name[:LOOKED_AT])',
        'normalize("NFKC", name)',
    ),
    Mistake(
        "a unit's name may be as long as whoever orders wants",
        "core/workflow/order_rules.py",
        "    if any(len(unit.name) > UNIT_LIMIT for unit in form.units):",
        "    if False:",
    ),
    Mistake(
        "answers about an application come at any pace",
        "bot/web/applying/following.py",
        "        await self.gate.pass_through(request)\n",
        "",
    ),
    Mistake(
        "links in mails lead to an address with a password in it, or lose what stands behind a #",
        "bot/config/checks.py",
        "    return _alone(text).rstrip",
        "    return text.rstrip",
    ),
    Mistake(
        "mail is from the first of several addresses, and nobody is told",
        "bot/config/mail_settings.py",
        "is_one = len(addresses) == 1 and",
        "is_one = bool(addresses) and",
    ),
    Mistake(
        "tokens are encrypted with the words of an instruction",
        "bot/config/settings.py",
        " and not COPIED.search(text)",
        "",
    ),
    Mistake(
        "a product keeps everything in a database that ends with its process",
        "bot/config/settings.py",
        "holds=_is_kept(text))",
        "holds=True)",
    ),
    Mistake(
        "a page has a secret in its address, and operators are not told",
        "notifications/mail/link_addresses.py",
        'ACCOUNT = "/k"',
        'ACCOUNT = "/konto"',
    ),
    Mistake(
        "everybody on the machine may read what is stored about a person",
        "bot/cli/personal_cli.py",
        "os.open(path, flags, 0o600)",
        "os.open(path, flags, 0o644)",
    ),
    Mistake(
        "everybody on the machine may read the database",
        "core/storage/database/sqlite.py",
        "        _make_for_its_owner(path)\n",
        "",
    ),
    Mistake(
        "a number with thousands of digits ends the loading of a file without a word about where",
        "core/register/register_file.py",
        '    _kind.add_constructor("tag:yaml.org,2002:int", _number)\n',
        "    pass\n",
    ),
    Mistake(
        "a command that is typed in another encoding ends in a traceback",
        "bot/cli/commands.py",
        "if not all(map(_is_text, args)):",
        "if False:",
    ),
    Mistake(
        "the label of a key moves the terminal that it is listed on",
        "bot/cli/api_key_cli.py",
        "if not label.isprintable() or",
        "if",
    ),
    Mistake(
        "somebody else's workspace writes lines of its own into the log",
        "bot/slack/route.py",
        "if said is None or SLACK_ID.fullmatch(said)",
        "if True",
    ),
    Mistake(
        "a name in an application moves the terminal of whoever asks about it",
        "bot/web/forms.py",
        "\\x80-\\x9f",
        "",
    ),
    Mistake(
        "a menu that is pressed outside its form is met with silence",
        "bot/acts/orders/forms.py",
        "        if press.form is None:\n            raise ButtonIsGone\n        who, form",
        "        who, form",
    ),
    Mistake(
        "whoever is being answered loses the place to a newcomer",
        "bot/server/serving.py",
        "return not self._is_whole or not self._is_answering() or self.flow.write_paused",
        "return True",
    ),
    Mistake(
        "an answer waits for ever for somebody who does not read it",
        "bot/server/serving.py",
        "self._reading = self.loop.call_later(self.read_seconds, self.transport.abort)",
        "pass",
    ),
    Mistake(
        "an order is placed though its answer is of no kind that the caller takes",
        "core/http/media_types.py",
        'if not takes(request.headers.get("accept", ""), self.media_type):',
        'if request.method == "GET" and not takes(request.headers.get("accept", ""), self.media_type):',
    ),
    Mistake(
        "a body that is no JSON is refused as one with wrong parts",
        "core/http/media_types.py",
        "if is_read and await request.body()",
        "if not is_read and await request.body()",
    ),
    Mistake(
        "the description of the API leaves out what a body may be refused for",
        "core/http/description.py",
        'if "requestBody" in operation:',
        'if "requestBodies" in operation:',
    ),
    Mistake(
        "who asks for the headers alone is refused",
        "core/http/__init__.py",
        "    app.add_middleware(HeadAsGet)\n",
        "",
    ),
    Mistake(
        "a problem that only the core gives has no page at its address",
        "bot/web/problem_types.py",
        "        yield from _below(each)\n",
        "",
    ),
    Mistake(
        "a second service may have the code of another in other letters",
        "core/storage/register/catalogue.py",
        'refuse(other_letters(connection, tables.services, code), "code")',
        "pass",
    ),
    Mistake(
        "a second offer may have the code of another in other letters",
        "core/storage/register/catalogue.py",
        'refuse(other_letters(connection, tables.offers, code), "code")',
        "pass",
    ),
    Mistake(
        "an old service whose code another has in other letters can never be changed",
        "core/storage/register/rows.py",
        "if stored and id_ not in stored else None",
        "if stored - {id_} else None",
    ),
    Mistake(
        "a refusal about an order by key stands in history twice",
        "core/http/turned_away.py",
        'is_told = getattr(request.state, "is_noted", False)',
        "is_told = False",
    ),
    Mistake(
        "a name may hold what has no width, and look like another name",
        "core/register/entries.py",
        "    if _UNFIT.search(text):",
        '    if "\\0" in text:',
    ),
    Mistake(
        "a name may hold a mark that turns the reading direction around",
        "core/shared/characters.py",
        "\\u202a-\\u202e\\u2060-\\u206f",
        "\\u2060-\\u2065",
    ),
    Mistake(
        "a name may hold a word joiner, which nobody sees",
        "core/shared/characters.py",
        "\\u2060-\\u206f",
        "\\u2066-\\u2069",
    ),
    Mistake(
        "the address of the terms may hold what nobody sees",
        "core/register/entries.py",
        'rf"^https?://[^{GAPS}{HIDDEN}]+$"',
        'rf"^https?://[^{GAPS}]+$"',
    ),
    Mistake(
        "a name may be made of nothing that is seen, by the description of the API",
        "core/register/entries.py",
        'rf"{CLEAN}[^{GAPS}{HIDDEN}]{CLEAN}"',
        'rf"{CLEAN}[^{GAPS}]{CLEAN}"',
    ),
    Mistake(
        "what nobody sees is kept from a form on the web",
        "bot/web/forms.py",
        "\\x0b-\\x1f\\x7f{HIDDEN}]",
        "\\x0b-\\x1f\\x7f]",
    ),
    Mistake(
        "a message shows what turns the reading direction around",
        "notifications/render/pieces/parts.py",
        "\\x7f-\\x9f{HIDDEN}",
        "\\x7f-\\x9f",
    ),
    Mistake(
        "whoever has no key lets the API read a whole body",
        "core/http/routes/orders.py",
        "APIRouter(route_class=KeyRoute, ",
        "APIRouter(",
    ),
    Mistake(
        "whoever has many wrong keys is never asked to wait",
        "core/http/turned_away.py",
        'names |= {} if key is None else {f"key {key}": 1}',
        'names = {} if key is None else {f"key {key}": 1}',
    ),
    Mistake(
        "a key may be guessed at from as many addresses as one has",
        "core/http/turned_away.py",
        '{} if key is None else {f"key {key}": 1}',
        "{}",
    ),
    Mistake(
        "what is remembered of those who failed never ends",
        "core/http/turned_away.py",
        "while len(self._whole_at) > self._remembered:",
        "while False:",
    ),
    Mistake(
        "what a key may not reach is not told of",
        "core/http/turned_away.py",
        "TURNED_AWAY = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})",
        "TURNED_AWAY = frozenset({HTTPStatus.UNAUTHORIZED})",
    ),
    Mistake(
        "a key opens for ever",
        "core/storage/identity/api_keys.py",
        "if row.expires_at <= at:",
        "if False:",
    ),
    Mistake(
        "the use of a key is written down with every request",
        "core/http/access.py",
        "if held.used_on != day_of(at):",
        "if True:",
    ),
    Mistake(
        "the operator is warned of a key by every process",
        "core/storage/identity/expiring_keys.py",
        "KEYS.warned_days > days)",
        "KEYS.warned_days >= days)",
    ),
    Mistake(
        "an answer to a fault of ours may be kept by whoever passes it on",
        "bot/server/serving.py",
        "return PressIds(AnswerHeaders(super().build_middleware_stack()))",
        "self.add_middleware(AnswerHeaders)\n        return super().build_middleware_stack()",
    ),
    Mistake(
        "links in mails lead to an address that anybody on the way can read",
        "bot/config/checks.py",
        'parts.scheme == "http" and parts.hostname in LOOPBACK',
        'parts.scheme == "http"',
    ),
    Mistake(
        "a right that did not hold by history is passed over",
        "core/audit/case_replay.py",
        "*_wrong_amount(after, record), *wrong]",
        "*_wrong_amount(after, record)]",
    ),
    Mistake(
        "somebody decides without the role by history, and nobody is told",
        "core/audit/replayed_rights.py",
        "            yield from _lacking(record, held)\n",
        "",
    ),
    Mistake(
        "a decision with another limit than was held is passed over",
        "core/audit/replayed_rights.py",
        "elif record.limit_ore not in {grant.limit_ore for grant in held}:",
        "elif not held:",
    ),
    Mistake(
        "too few attests by what was declared are passed over",
        "core/audit/replayed_rights.py",
        "if people.missing_attests(then) > int(not is_clock):",
        "if people.missing_attests(then) > 1:",
    ),
    Mistake(
        "conditions that the register answers are not asked of history",
        "core/audit/replayed_rights.py",
        "guards = JUDGED | BY_REGISTER\n",
        "guards = JUDGED\n",
    ),
    Mistake(
        "what is done to a closed case is not judged by the role",
        "core/storage/audit/replaying.py",
        "                self._see_to_right(row)\n",
        "",
    ),
    Mistake(
        "the register is not held against its lines",
        "core/storage/audit/replaying.py",
        "        await self._register.compare()\n",
        "",
    ),
    Mistake(
        "an entry of the register that is deleted is passed over",
        "core/storage/audit/register_walk.py",
        "if is_asked and key not in stand",
        "if is_asked and key in stand",
    ),
    Mistake(
        "whoever keeps nothing keeps a register, and nobody is told",
        "core/storage/audit/register_walk.py",
        "            self._see_to_author(row, entry)\n",
        "",
    ),
    Mistake(
        "a press that a change of the register overtook is accused",
        "core/audit/register_replay.py",
        "if at <= earlier.until + LATE]",
        "if at <= earlier.until]",
    ),
    Mistake(
        "a baseline that nobody of ours wrote is believed",
        "core/storage/audit/register_walk.py",
        "self._found.add(Difference(Differs.BASELINE, row=row.id) for row in forged)",
        "forged = ()",
    ),
    Mistake(
        "a purge carries away what its rows tell of the register",
        "core/storage/retention/purging_history.py",
        "        carry(connection, ids, at)\n",
        "",
    ),
    Mistake(
        "a baseline that a purge takes is not carried on",
        "core/storage/audit/baselines.py",
        "for key in sorted(alone)), *since.values()]",
        "for key in ()), *since.values()]",
    ),
    Mistake(
        "a person who is entered as having left is told to history by no line",
        "core/storage/register/register.py",
        "if stored is None and not entry.active:",
        "if False:",
    ),
    Mistake(
        "an amount that the side does not pay is passed over",
        "core/audit/case_replay.py",
        "if record.amount_ore is not None and pays != ",
        "if record.amount_ore is None and pays != ",
    ),
    Mistake(
        "a row that names no version is taken for one from before others did",
        "core/storage/audit/replaying.py",
        "if self._named_from is not None and record.row > self._named_from:",
        "if self._named_from is None:",
    ),
    Mistake(
        "a row does not name the version of the flows that it was made under",
        "core/storage/context/coding.py",
        '            "flows": VERSION,\n',
        "",
    ),
    Mistake(
        "a row is followed by the newest table whatever version it names",
        "core/storage/audit/replaying.py",
        "table = self._tables.get(FIRST_VERSION if record.version is None else record.version)",
        "table = self._tables[max(self._tables)]",
    ),
    Mistake(
        "what a case says otherwise than its history is passed over",
        "core/audit/case_comparison.py",
        "        if expected != stands:",
        "        if expected != stands and what == 'state':",
    ),
    Mistake(
        "a row that is gone from the middle of a case is passed over",
        "core/audit/case_replay.py",
        "if record.revision != case.revision + 1:",
        "if record.revision <= case.revision:",
    ),
    Mistake(
        "a case whose first row is gone is passed over",
        "core/storage/audit/replaying.py",
        "if first.revision == 1 or first.id != row.id:",
        "if first.id:",
    ),
    Mistake(
        "somebody of another workspace is taken for who ordered",
        "core/storage/audit/refusal_log.py",
        "WHERE i.issuer = :issuer AND",
        "WHERE TRUE AND",
    ),
    Mistake(
        "a note about others stands for one's own",
        "core/storage/context/reviews.py",
        "reviews.c[column] == id_, ",
        "",
    ),
    Mistake(
        "whoever leaves is looked at where a role has ended",
        "core/storage/context/reviews.py",
        "roles.person_id == person, goes_on(roles.valid_to, at))",
        "roles.person_id == person)",
    ),
    Mistake(
        "the keys of everybody end with one person's",
        "core/storage/retention/purging_people.py",
        "update(tables.api_keys).where(keys.person_id.in_(people))",
        "update(tables.api_keys)",
    ),
    Mistake(
        "an administrator of before sees what nobody can decide",
        "core/storage/reads/queries.py",
        "AND r.role = '{role}' AND {holds}",
        "AND r.role = '{role}'",
    ),
    Mistake(
        "an agent that conveys a service has it",
        "core/storage/cases/effects.py",
        "CaseEffect.CONVEYS: _assign,",
        "CaseEffect.CONVEYS: _connect,",
    ),
    Mistake(
        "what has ended goes on for an instant",
        "core/storage/context/standings.py",
        "given.valid_to > at)",
        "given.valid_to >= at)",
    ),
    Mistake(
        "an application is one of a person's orders",
        "core/storage/reads/inbox.py",
        "mine = (CASES.orderer_id == reader.person, CASES.offer_id.is_not(None), there)",
        "mine = (CASES.orderer_id == reader.person, there)",
    ),
    Mistake(
        "an agent finds a case by what only the customer calls it",
        "core/storage/reads/inbox.py",
        "true() if own.is_inera else CASES.customer_id.in_(sorted(own.customers))",
        "true()",
    ),
    Mistake(
        "a page of a list that has been emptied is shown empty",
        "core/storage/reads/inbox.py",
        "page = min(query.page, max(0, len(found) - 1) // query.size)",
        "page = query.page",
    ),
    Mistake(
        "what a colleague has taken stands among what nobody has taken",
        "core/storage/reads/inbox.py",
        "CASES.claimed_by_id.is_(None)",
        "true()",
    ),
    Mistake(
        "whoever has turned a page is shown the first again when something changes",
        "bot/slack/homes.py",
        "self._drawings.draw_anew(key, self._opened[key])",
        "self._drawings.draw_anew(key, (self._opened[key][0], FIRST))",
    ),
    Mistake(
        "a press that shared a commit which failed is told that it is done",
        "core/storage/database/sqlite.py",
        "        for unit in batch:\n            unit.error = told\n",
        "        batch[-1].error = told\n",
    ),
    Mistake(
        "what a failed unit wrote goes along with the others'",
        "core/storage/database/sqlite.py",
        '            raw.execute("ROLLBACK TO unit")\n',
        "",
    ),
    Mistake(
        "a transaction of PostgreSQL is none",
        "core/storage/database/postgresql.py",
        'execution_options(isolation_level="READ COMMITTED")',
        'execution_options(isolation_level="AUTOCOMMIT")',
    ),
    Mistake(
        "a column of history is copied from another when the table is made anew",
        "core/storage/migrations/versions/0005_lines.py",
        "part, person_id, organisation_id,",
        "part, person_id, person_id,",
    ),
    Mistake(
        "an organisation from before is found by one word of its name",
        "core/storage/migrations/versions/0008_administration.py",
        "for word in sorted(words_of(name))]",
        "for word in sorted(words_of(name))[:1]]",
    ),
    Mistake(
        "a migration gives old rows another default",
        "core/storage/migrations/versions/0009_keys_of_seals.py",
        "text(\"''\")",
        "text(\"'x'\")",
    ),
    Mistake(
        "an index holds the other rows",
        "core/storage/migrations/versions/0016_what_is_long_over.py",
        'text("case_id IS NULL")',
        'text("case_id IS NOT NULL")',
    ),
    Mistake(
        "a link that was used decides again",
        "core/storage/identity/personal_links.py",
        ".where(mine, personal_links.c.used_at.is_(None)).values(used_at=at)",
        ".where(mine).values(used_at=at)",
    ),
    Mistake(
        "a link decides for somebody else",
        "core/use_cases/engine.py",
        "if (link.case, link.asking) != (query.case, query.by):",
        "if False:",
    ),
    Mistake(
        "the orderer may attest",
        "core/workflow/guards/people.py",
        "if not _orderers(now.case) & now.people or now.rules_of(Side.CUSTOMER).self_attest_allowed:",
        "if True:",
    ),
    Mistake(
        "a rejected order goes on to customer service",
        "core/workflow/flows.py",
        "row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REJECT, MAY_ATTEST, Asks.REASON,"
        " State.REJECTED)",
        "row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CUSTOMER_ATTESTANT, Action.REJECT, MAY_ATTEST, Asks.REASON,"
        " State.AWAITING_CUSTOMER_SERVICE)",
    ),
    Mistake(
        "an attested order can still be withdrawn",
        "core/workflow/flows.py",
        "    row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK,",
        "    row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.ORDERER, Action.WITHDRAW, OWN_ORDER, Asks.CONFIRMATION,"
        " State.WITHDRAWN),\n    row(flow, State.AWAITING_CUSTOMER_SERVICE, Part.CLOCK,",
    ),
    Mistake(
        "a stale press counts",
        "core/workflow/authorize.py",
        "if seen is not None and seen.step != now.case.step:",
        "if False and seen is not None:",
    ),
    Mistake(
        "anyone may press",
        "core/workflow/authorize.py",
        "mine = tuple(each for each in found if now.plays(each.who))",
        "mine = found",
    ),
    Mistake(
        "a stranger is taken for an attestant",
        "core/workflow/context.py",
        "if each.role in ROLES_OF.get(part, ())",
        "if part is not Part.CLOCK",
    ),
    Mistake(
        "nobody is told",
        "notifications/rules/announcements.py",
        "return Outbox((*cards, *letters), _repaint(event), ",
        "return Outbox((), _repaint(event), ",
    ),
    Mistake(
        "buttons stay when a step is decided",
        "notifications/rules/announcements.py",
        "return Outbox((*cards, *letters), _repaint(event), ",
        "return Outbox(tuple(cards), (), ",
    ),
    Mistake(
        "an update is lost on PostgreSQL and SQLite",
        "core/storage/cases/statements.py",
        "WHERE id = :case AND revision = :revision",
        "WHERE id = :case AND :revision >= 0",
    ),
    Mistake(
        "a Swedish sentence is missing",
        "notifications/texts/sv.yaml",
        '  already_decided: "{who}',
        '  already_decide: "{who}',
    ),
    Mistake(
        "an expiry row is dropped",
        "core/workflow/flows.py",
        "    row(VIA_AGENT, State.AWAITING_AGENT_ATTEST, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING,"
        " State.EXPIRED),\n",
        "",
    ),
    Mistake(
        "the clock attests",
        "core/workflow/flows.py",
        "row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING, State.EXPIRED)",
        "row(flow, State.AWAITING_CUSTOMER_ATTEST, Part.CLOCK, Action.EXPIRE, REMINDED, Asks.NOTHING,"
        " State.AWAITING_CUSTOMER_SERVICE)",
    ),
    Mistake(
        "the agent's handler attests what the same person approved",
        "core/workflow/guards/people.py",
        "return OwnApproval() if _people_of(approvals) & now.people else None",
        "return None",
    ),
    Mistake(
        "somebody acts for both sides",
        "core/workflow/guards/people.py",
        "    if now.people & acted_for(now.case, other):\n",
        "    if not now.people:\n",
    ),
    Mistake(
        "whoever has acted for Inera acts for somebody else in the same case",
        "core/workflow/guards/people.py",
        "return ActedForInera(case=now.case.id) if now.people & acted_for(now.case, Side.INERA) else None",
        "return None",
    ),
    Mistake(
        "whoever has declared jäv for the customer acts for Inera",
        "core/workflow/guards/people.py",
        "    if now.person in now.case.recused:\n        return Recused(case=now.case.id)\n",
        "",
    ),
    Mistake(
        "whoever works for the agent that loses the customer acts for Inera",
        "core/workflow/guards/people.py",
        "    yield from (connection.way.agent for connection in order.replaced)\n",
        "",
    ),
    Mistake(
        "a role given up since the case began keeps nobody from acting for Inera",
        "core/storage/context/authority_sql.py",
        "r.valid_to > c.created_at AND r.valid_to > r.valid_from",
        "r.valid_to > :at AND r.valid_to > r.valid_from",
    ),
    Mistake(
        "a case waits for somebody who has given up a role with those whom it is about",
        "core/storage/reads/waiting.py",
        "        belongs=reader.belongs(case),\n",
        "",
    ),
    Mistake(
        "who had a role at an organisation that applies decides for Inera there",
        "core/storage/cases/applications.py",
        "        belongs=frozenset() if reader is None else reader.belongs(case),\n",
        "",
    ),
    Mistake(
        "whoever has but claimed a case has not acted for Inera in it",
        "core/workflow/apply_transition.py",
        "    Action.CLAIM: _claimed,\n",
        "",
    ),
    Mistake(
        "an orderer who has acted for another answers in the orderer's place",
        "core/workflow/flows.py",
        "OWN_ORDER = (people.own_order, people.acts_for_no_other)",
        "OWN_ORDER = (people.own_order,)",
    ),
    Mistake(
        "an orderer who may not answer is asked in the orderer's place",
        "core/workflow/guards/people.py",
        "return all(each(mine) is None for each in (acts_for_no_other, not_recused))",
        "return True",
    ),
    Mistake(
        "what was decided by a superseded condition is judged by the one that has replaced it",
        "core/workflow/superseded.py",
        "    people.acts_for_no_other: acts_for_one_side,\n",
        "",
    ),
    Mistake(
        "the agent sees what the customer pays",
        "core/shared/disclosure.py",
        "Fact.CUSTOMER_COST:     frozenset({C,    I}),",
        "Fact.CUSTOMER_COST:     frozenset({C, A, I}),",
    ),
    Mistake(
        "a substitute may do what the absent person may not",
        "core/workflow/case.py",
        "return frozenset({self.person, self.absent or self.person})",
        "return frozenset({self.person})",
    ),
    Mistake(
        "an amount limit is not looked at",
        "core/workflow/guards/people.py",
        "return None if limit is None or amount <= limit else OverLimit(limit_ore=limit, amount_ore=amount)",
        "return None",
    ),
    Mistake(
        "a role for one service counts for all",
        "core/workflow/guards/people.py",
        "return None if service in {None, now.standing.service} else OtherService(service=service)",
        "return None",
    ),
    Mistake(
        "a conflict of interest is forgotten",
        "core/workflow/guards/people.py",
        "return Recused(case=now.case.id) if now.people & set(now.case.recused) else None",
        "return None",
    ),
    Mistake(
        "one person gives both of two attests",
        "core/workflow/guards/people.py",
        "mine = next((each for each in that_count(now) if {each.person, each.principal} & now.people), None)",
        "mine = None",
    ),
    Mistake(
        "one attest is always enough",
        "core/workflow/guards/people.py",
        "return max(asked.attests, len(asked.sequence), 1)",
        "return 1",
    ),
    Mistake(
        "attestants need not wait for their turn",
        "core/workflow/guards/people.py",
        "if done >= len(sequence) or sequence[done] in now.people:",
        "if True:",
    ),
    Mistake(
        "a click is enough for any amount",
        "core/workflow/guards/people.py",
        "if needed is None or amount_ore(now) < needed or now.assurance is Assurance.EID_LINK:",
        "if True:",
    ),
    Mistake(
        "a proof of identification counts again and again",
        "core/identity/proofs.py",
        "if proof.used_at is not None:",
        "if False:",
    ),
    Mistake(
        "a proof is good for whoever carries it",
        "core/identity/proofs.py",
        "if occasion.person != wanted.person:",
        "if False:",
    ),
    Mistake(
        "handing over fixes no side",
        "core/workflow/guards/people.py",
        "acted = decided | {person for of, person in case.acted if of is side}",
        "acted = decided",
    ),
    Mistake(
        "only the first in turn must be able to attest",
        "core/workflow/guards/people.py",
        "max(missing_attests(mine), 1) and authorities.issuperset(to_come)",
        "max(missing_attests(mine), 1)",
    ),
    Mistake(
        "an order without a price today costs nothing",
        "core/catalogue/prices.py",
        "return unpriced_since(found, day) is not None or (bool(found) and not has_begun)",
        "return False",
    ),
    Mistake(
        "a reserve may attest the own order",
        "core/workflow/guards/people.py",
        "return OwnOrder() if _orderers(now.case) & now.people else None",
        "return None",
    ),
    Mistake(
        "an attest that ceased to count does so again once the role ends",
        "core/workflow/guards/people.py",
        "return as_it_is or [as_it_was] * (not attest.lapsed)",
        "return as_it_is or [as_it_was]",
    ),
    Mistake(
        "any orderer withdraws and answers",
        "core/workflow/guards/people.py",
        "return NotYourOrder() if now.orderer_is_active else not_recused(now)",
        "return None",
    ),
    Mistake(
        "an amount that no longer holds is attested",
        "core/workflow/guards/progress.py",
        "    if payer in changed:\n",
        "    if False:\n",
    ),
    Mistake(
        "questions never end",
        "core/workflow/guards/progress.py",
        "return TooManyRounds(rounds=ROUNDS, case=now.case.id) if now.case.rounds >= ROUNDS else None",
        "return None",
    ),
    Mistake(
        "a paused order is carried out",
        "core/workflow/guards/progress.py",
        "return OnHold(case=now.case.id) if now.case.hold else None",
        "return None",
    ),
    Mistake(
        "an agent decides after its agreement",
        "core/workflow/flows.py",
        "AGREED_WITH_AGENT = (agreements.agent_agreement_active, agreements.agent_has_assignment)",
        "AGREED_WITH_AGENT = ()",
    ),
    Mistake(
        "an agent gets an assignment after its agreement",
        "core/workflow/flows.py",
        "AGREED_AS_AGENT = (agreements.own_agent_agreement_active,)",
        "AGREED_AS_AGENT = ()",
    ),
    Mistake(
        "nobody reviews an assignment",
        "core/workflow/flows.py",
        "READY_AS_AGENT, Asks.ORDER, State.AWAITING_REVIEW)",
        "READY_AS_AGENT, Asks.ORDER, State.AWAITING_CUSTOMER_ATTEST)",
    ),
    Mistake(
        "a changed order goes on where it was",
        "core/workflow/flows.py",
        "Action.ANSWER, revises, Asks.ANSWER, FIRST_STEP)",
        "Action.ANSWER, revises, Asks.ANSWER, ASKING_STEP)",
    ),
    Mistake(
        "what is void still counts",
        "core/workflow/case.py",
        "replace(each, counts=each.counts and not is_void(each))",
        "replace(each, counts=each.counts)",
    ),
    Mistake(
        "a changed order keeps its version",
        "core/workflow/case.py",
        "return replace(fresh, content_version=self.content_version + 1, claimed_by=None)",
        "return replace(fresh, claimed_by=None)",
    ),
    Mistake(
        "a comment begins the order anew",
        "core/workflow/order_rules.py",
        "if _is_material(case, made) or _replaces_otherwise(case, wish_of(revision, agent)):",
        "if True:",
    ),
    Mistake(
        "the clock is left something to look at where it looks no more",
        "core/workflow/apply_transition.py",
        "review_at=case.review_at if flows.find(case.flow, to, Action.REVIEW) else None,",
        "review_at=case.review_at,",
    ),
    Mistake(
        "whoever takes back a finished order is told to try again",
        "core/workflow/authorize.py",
        "return is_finished and wanted is Action.WITHDRAW and decision.action is not wanted",
        "return False",
    ),
    Mistake(
        "nobody hears that a press counted while nothing can be shown",
        "bot/slack/replies.py",
        "return workspace.problem is not None or self.gateway.is_refused(workspace.token)",
        "return False",
    ),
    Mistake(
        "a token that Slack refuses is taken for a good one until the relay has met it",
        "bot/slack/replies.py",
        "return workspace.problem is not None or self.gateway.is_refused(workspace.token)",
        "return workspace.problem is not None",
    ),
    Mistake(
        "a form that cannot be opened nor spoken of is acknowledged",
        "bot/slack/replies.py",
        "            raise NothingShown\n",
        "            return\n",
    ),
    Mistake(
        "whoever is active in Slack again never gets what waits",
        "notifications/outbox/delivery_results.py",
        "again = at + TRY_AGAIN if _may_arrive(connection, card) else None",
        "again = None",
    ),
    Mistake(
        "whoever stays away from Slack is told of every hour",
        "notifications/outbox/delivery_results.py",
        "    if connection.execute(ended).rowcount == 0 or card.is_given_up:\n        return not card.is_given_up\n",
        "    if connection.execute(ended).rowcount == 0:\n        return True\n",
    ),
    Mistake(
        "an outsider who was refused is named with the role of the card",
        "bot/cli/history_words.py",
        "line._replace(part=None) if line.id in around.outsiders else line",
        "line",
    ),
    Mistake(
        "the operator reads a code of Slack's",
        "bot/cli/history_words.py",
        'say(language, key if key in keys(language) else "history.not_taken")',
        "say(language, key) if key in keys(language) else error",
    ),
    Mistake(
        "history does not say to whom a decision was handed over",
        "bot/cli/history_words.py",
        'if to := evidence.get("to"):',
        'if False and (to := evidence.get("to")):',
    ),
    Mistake(
        "who else a refusal names is left out where it is said of a person",
        "bot/forms/refusal_sentences.py",
        'if other is not None and f"{key}_by" in whole:',
        "if False:",
    ),
    Mistake(
        "nobody hears that nobody can decide",
        "notifications/rules/announcements.py",
        "if blocked is not None and blocked.told and was != blocked and blocked.why is not Block.NO_PRICE:",
        "if False and blocked is not None:",
    ),
    Mistake(
        "nobody hears of a reserve's attest",
        "notifications/rules/announcements.py",
        "yield EMERGENCY[event.decision.part]",
        "yield from ()",
    ),
    Mistake(
        "an earlier agent hears on",
        "core/workflow/guards/people.py",
        "        and each.organisation == case.organisation_of(part)\n",
        "",
    ),
    Mistake(
        "a new agent reads what was decided before it",
        "core/views/timeline.py",
        "return SIDE_OF.get(decision.part) is reader and decision.organisation != case.organisation_of(decision.part)",
        "return False",
    ),
    Mistake(
        "an administrator has strangers written to at any pace",
        "notifications/outbox/leases.py",
        "applied = [] if row.added_to is None else",
        "applied = [] if True else",
    ),
    Mistake(
        "newcomers overtake whoever waits for a first mail",
        "notifications/outbox/leases.py",
        "key=lambda row: (row.priority, row.since)",
        "key=lambda row: row.priority",
    ),
    Mistake(
        "mails of new applications overtake those that wait",
        "notifications/outbox/leases.py",
        "            cards.c.kind.in_(BY_THE_FORM | TO_ANYBODY),\n",
        "            cards.c.kind.in_(()),\n",
    ),
    Mistake(
        "who were added in one instant have their first mails in any order",
        "notifications/outbox/leases.py",
        "order_by(cards.c.priority, cards.c.due_at, cards.c.line_id, cards.c.id)",
        "order_by(cards.c.priority, cards.c.due_at, cards.c.id)",
    ),
    Mistake(
        "people of the register file are written to a few at a time",
        "notifications/outbox/leases.py",
        "            exists().where(_granter.c.id == _first.c.granted_by),\n",
        "",
    ),
    Mistake(
        "people of a signed agreement are written to a few at a time",
        "notifications/outbox/leases.py",
        "signatures.c.signed_at == _first.c.valid_from",
        "False",
    ),
    Mistake(
        "whoever was added long ago is a stranger again once old cards are gone",
        "notifications/outbox/leases.py",
        '            _first.c.valid_from > bindparam("lately", type_=Instant),\n',
        "",
    ),
    Mistake(
        "whoever adds people is not told that they are written to gradually",
        "bot/acts/organisations/administration_forms.py",
        "if done.adds_person and self.has_mail else []",
        "if False else []",
    ),
    Mistake(
        "whoever adds people is told of mails where there are none",
        "bot/acts/organisations/administration_forms.py",
        "if done.adds_person and self.has_mail else []",
        "if done.adds_person else []",
    ),
    Mistake(
        "what the product is made of says a type that CycloneDX does not have",
        "tests/tooling/sbom.py",
        '{"type": "library",',
        '{"type": "package",',
    ),
    Mistake(
        "an application that a message was about is called an order",
        "notifications/render/drawings/accounts.py",
        "    if words is not None:\n        title, text, todo = map(words.key, (title, text, todo))\n",
        "",
    ),
    Mistake(
        "the mail about an ended link says that its reader cannot be reached in Slack",
        "notifications/outbox/mail_delivery.py",
        '    CardKind.UNLINKED: "mail.footer_unlinked",\n',
        "",
    ),
    Mistake(
        "an administrator gives another name to somebody who is others' too",
        "core/register/administration_rules.py",
        "if proposal.keeper.capacity is Capacity.ADMINISTRATOR and proposal.is_of_others:",
        "if False:",
    ),
    Mistake(
        "an administrator gives another name to somebody who was others' before",
        "core/storage/administration/administration_reads.py",
        "is_held = or_(ROLES.c.valid_to.is_(None), ROLES.c.valid_to > ROLES.c.valid_from)",
        "is_held = ROLES.c.valid_to.is_(None)",
    ),
    Mistake(
        "a role that another organisation has called off bars an administrator from correcting a name",
        "core/storage/administration/administration_reads.py",
        "ROLES.c.valid_to > ROLES.c.valid_from)\n    others",
        "ROLES.c.valid_to >= ROLES.c.valid_from)\n    others",
    ),
    Mistake(
        "a name that an administrator corrects may hold an address",
        "core/use_cases/register_changes.py",
        "wanted = entry(PersonEntry, email=person.email, name=command.name)",
        "wanted = PersonEntry.model_construct(email=person.email, name=command.name)",
    ),
    Mistake(
        "whoever is called otherwise hears nothing of it",
        "notifications/rules/register_announcements.py",
        "        RegisterChange.RENAMED: change.kind is LineKind.PERSON,\n",
        "",
    ),
    Mistake(
        "an administrator takes another's name, and nobody hears of it",
        "notifications/rules/register_announcements.py",
        "        RegisterChange.OWN_NAME: change.kind is LineKind.PERSON and change.is_own,\n",
        "",
    ),
    Mistake(
        "whoever changes her own name is told that she hears of it herself",
        "bot/acts/organisations/administration_forms.py",
        "said = own if own and done.is_own else said",
        "said = own if own and not done else said",
    ),
    Mistake(
        "history does not say by which key an account was unlinked",
        "core/http/routes/register.py",
        "Surface.API, key=by)",
        "Surface.API)",
    ),
    Mistake(
        "the last administrator may leave",
        "core/register/administration_rules.py",
        "    has_not_left,\n    keeps_an_administrator,\n",
        "    has_not_left,\n",
    ),
    Mistake(
        "an own wider right to attest is told to nobody",
        "notifications/rules/register_announcements.py",
        "        RegisterChange.OWN_AUTHORITY: widens and",
        "        RegisterChange.OWN_AUTHORITY: False and",
    ),
    Mistake(
        "somebody gets a right to decide and no second pair of eyes hears of it",
        "notifications/rules/register_announcements.py",
        "        RegisterChange.AUTHORITY: widens and",
        "        RegisterChange.AUTHORITY: False and",
    ),
    Mistake(
        "a role keeps somebody at customer service from an organisation's cases unheard",
        "notifications/rules/register_announcements.py",
        "        RegisterChange.SERVES: _is_given(change) and",
        "        RegisterChange.SERVES: False and",
    ),
    Mistake(
        "a right to decide for Inera is no right to decide",
        "core/register/administration_rules.py",
        "(*DECIDING, *RESERVES, Part.CUSTOMER_SERVICE)",
        "(*DECIDING, *RESERVES)",
    ),
    Mistake(
        "a reserve is nobody who could attest instead of whoever ordered",
        "core/register/administration_rules.py",
        "(*DECIDING, *RESERVES, Part.ORDERER)",
        "(*DECIDING, Part.ORDERER)",
    ),
    Mistake(
        "whoever has left the step to a colleague attests it as a reserve",
        "core/workflow/flows.py",
        "MAY_IN_EMERGENCY = (*STILL_MINE, *ENTITLED[Part.CUSTOMER_EMERGENCY])",
        "MAY_IN_EMERGENCY = ENTITLED[Part.CUSTOMER_EMERGENCY]",
    ),
    Mistake(
        "a reserve takes the turn before the own one",
        "core/workflow/guards/people.py",
        "if now.people & {*sequence[done + 1 :]} else None",
        "if not now.people else None",
    ),
    Mistake(
        "somebody at customer service raises the limit that she attests with in another's place",
        "core/register/administration_rules.py",
        "return self.is_lent or self.keeper.person == self.person",
        "return self.keeper.person == self.person",
    ),
    Mistake(
        "somebody at customer service sets the rules that she decides by",
        "core/register/administration_rules.py",
        "if proposal.decides and proposal.keeper.capacity is Capacity.CUSTOMER_SERVICE:",
        "if False:",
    ),
    Mistake(
        "an orderer who is the only attestant is called ready",
        "core/register/readiness.py",
        "it.has_orderer and it.has_attestant and not it.has_two",
        "False and not it.has_two",
    ),
    Mistake(
        "two names change places in an English sentence",
        "notifications/texts/en.yaml",
        "{substitute} substitutes for {absent} {from}",
        "{absent} substitutes for {substitute} {from}",
    ),
    Mistake(
        "two days change places in a Swedish sentence",
        "notifications/texts/sv.yaml",
        "{substitute} ersätter dig som {role} hos {organisation} {from}–{to}",
        "{substitute} ersätter dig som {role} hos {organisation} {to}–{from}",
    ),
    Mistake(
        "whoever is away is called the substitute",
        "notifications/render/drawings/nudges.py",
        '{"absent": note["absent"], "substitute": note["substitute"]}',
        '{"absent": note["substitute"], "substitute": note["absent"]}',
    ),
    Mistake(
        "an agent's view holds the invoice reference of an earlier version",
        "core/views/order_view.py",
        "    units: Annotated[tuple[Unit, ...], Fact.UNITS]\n    invoice_ref: Annotated[str | None, Fact.INVOICE]",
        "    units: Annotated[tuple[Unit, ...], Fact.UNITS]\n    invoice_ref: ToAll[str | None]",
    ),
    Mistake(
        "everybody's view holds the orderer's language",
        "core/views/order_view.py",
        "orderer_language: Annotated[Language | None, Fact.CUSTOMER_NAMES]",
        "orderer_language: ToAll[Language | None]",
    ),
    Mistake(
        "what is chosen in a modal of another environment counts",
        "bot/slack/listeners/presses.py",
        "of_view = None if press.form is None else drawn_in(press.form)",
        "of_view = None",
    ),
    Mistake(
        "a form of another environment counts",
        "bot/slack/listeners/presses.py",
        "if drawn_in(form) != self.environment:",
        "if False:",
    ),
    Mistake(
        "a menu of another environment is answered",
        "bot/slack/listeners/options.py",
        "if drawn_in(form) != self.environment:",
        "if False:",
    ),
    Mistake(
        "new links for signing can be had a day longer",
        "core/workflow/deadlines.py",
        "RENEWABLE_DAYS = 90",
        "RENEWABLE_DAYS = 91",
    ),
    Mistake(
        "a person's number with a dot in it is kept",
        "core/shared/personal_numbers.py",
        "{_SPACES})?|[.",
        "{_SPACES})?|[",
    ),
    Mistake(
        "a person's number in full-width digits is kept",
        "core/shared/personal_numbers.py",
        "plain = _plain_digits(text[place] for place in visible)",
        'plain = "".join(text[place] for place in visible)',
    ),
    Mistake(
        "a person's number with something in it that nobody sees is kept",
        "core/shared/personal_numbers.py",
        "if not is_hidden(letter)]",
        "]",
    ),
    Mistake(
        "a person's number whose date is written with hyphens is kept",
        "core/shared/personal_numbers.py",
        "for pattern in (_NUMBER, _HYPHENED, _VAT_NUMBER):",
        "for pattern in (_NUMBER, _VAT_NUMBER):",
    ),
    Mistake(
        "a care unit is another one with something in it that nobody sees",
        "core/shared/characters.py",
        'normalize("NFKC", without_hidden(text))',
        'normalize("NFKC", text)',
    ),
    Mistake(
        "what is printable and yet not seen is kept of a modal",
        "notifications/render/pieces/parts.py",
        "return text.isprintable() and (text.isascii() or _UNSEEN.search(text) is None)",
        "return text.isprintable()",
    ),
    Mistake(
        "a page whose address begins with two slashes leads to another host",
        "bot/web/addresses.py",
        'here = f"?{kept}&" if kept else "?"',
        'here = f"{request.url.path}?"',
    ),
    Mistake(
        "whom an application names by address is left out of what is stored about her",
        "core/storage/retention/personal_export.py",
        ' or contact["email"].lower() == self.subject.email',
        "",
    ),
    Mistake(
        "the pace of an applicant's address is left out of what is stored about her",
        "notifications/slack/pacing.py",
        "return bucket(where, address), bucket_applied(where, APPLIED_TO, address)",
        "return (bucket(where, address),)",
    ),
    Mistake(
        "a care unit is another one in other letters",
        "core/catalogue/units.py",
        "self.hsa_id.upper(), f",
        "self.hsa_id, f",
    ),
    Mistake(
        "a care unit is another one when its HSA-id is left out",
        "core/catalogue/units.py",
        '(f" {self._plain_name}",))',
        "())",
    ),
    Mistake(
        "a care unit that has an HSA-id is counted twice",
        "core/storage/reads/holdings.py",
        ', units.unit_key.not_like(" %")',
        "",
    ),
    Mistake(
        "what Slack asks us to wait has no end",
        "notifications/slack/slack_errors.py",
        "return min(max(asked, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)",
        "return max(asked, SHORTEST_WAIT_SECONDS)",
    ),
    Mistake(
        "Slack asks us to wait for no number of seconds",
        "notifications/slack/slack_errors.py",
        "    if not isfinite(asked):\n        return DEFAULT_WAIT_SECONDS\n",
        "",
    ),
    Mistake(
        "cases that the clock fails with keep those behind them from their turn",
        "core/use_cases/clock.py",
        "            if len(cases) < most:\n                break",
        "            break",
    ),
    Mistake(
        "the clock fills the log with one broken case",
        "core/use_cases/clock.py",
        "            if case not in self.stumbled:\n                log.exc",
        "            if True:\n                log.exc",
    ),
    Mistake(
        "the server takes the demo's key, which everybody knows",
        "bot/config/settings.py",
        "    secret_key: Annotated[Secret, AfterValidator(_own)]\n",
        "    secret_key: Secret  # any\n",
    ),
    Mistake(
        "an offer's code with a zero in it reaches the database",
        "core/register/entries.py",
        "            if isinstance(text, str):\n                _refuse_unfit(text)",
        "            pass",
    ),
    Mistake(
        "a signatory's number may have as many digits as a form may hold",
        "bot/web/applying/drafts.py",
        'REMOVES = re.compile(r"remove-\\d{1,2}"',
        'REMOVES = re.compile(r"remove-\\d+"',
    ),
    Mistake(
        "a reason may be as long as a book",
        "core/use_cases/orders.py",
        '        if len(text) > most:\n            raise errors.FormError(fields={name: "too_long"})\n',
        "",
    ),
    Mistake(
        "what somebody wrote to Slack stands in the log when nobody listens for it",
        "bot/slack/slack_app.py",
        "    log.addFilter(_without_payload)\n",
        "",
    ),
    Mistake(
        "an agreement does not show every letter of a name",
        "core/applications/form.py",
        "if len(text) <= limit and not is_drawn(text):",
        "if len(text) > limit:",
    ),
    Mistake(
        "what an agreement lacks letters for stands in the log",
        "notifications/documents/pdf_layout.py",
        'for library in ("fontTools", "fpdf"):',
        'for library in ("fontTools",):',
    ),
    Mistake(
        "a form about an organisation counts again once its effect was undone",
        "core/use_cases/administration.py",
        "        await unit.count_once(turn.keeper.person, command.key, turn.at)\n        was_ready",
        "        was_ready",
    ),
    Mistake(
        "an account is unlinked again by an old form",
        "core/use_cases/administration.py",
        "        await unit.count_once(turn.keeper.person, command.key, turn.at)\n        return turn, await",
        "        return turn, await",
    ),
    Mistake(
        "a substitute comes back by an old form",
        "core/use_cases/absences.py",
        "        await unit.count_once(asker.person, command.key, at)\n",
        "",
    ),
    Mistake(
        "what a form was known by is kept for ever",
        "core/audit/retention.py",
        '    "forms": Personal.SLACK_IDS,\n',
        "",
    ),
    Mistake(
        "a form of roles is known by nothing",
        "bot/acts/organisations/administration_forms.py",
        "            service=read.service,\n            key=form.key,\n",
        "            service=read.service,\n",
    ),
    Mistake(
        "a person in the register is called as an address",
        "core/register/entries.py",
        "AfterValidator(_leads_nowhere)",
        "AfterValidator(_said)",
    ),
    Mistake(
        "a person in an application is called as a domain",
        "core/applications/form.py",
        "contact.name, persons_holds_address)",
        "contact.name, holds_address)",
    ),
    Mistake(
        "an address with a path may be the name of an organisation",
        "core/shared/characters.py",
        r"|\w[.。]\w{2,}[/?#:]\S",
        "",
    ),
    Mistake(
        "who has left with a name that is none any more cannot come back",
        "core/use_cases/register_changes.py",
        "PersonEntry.model_construct(email=wanted.email, name=stored.name, active=True)",
        "entry(PersonEntry, email=wanted.email, name=stored.name, active=True)",
    ),
    Mistake(
        "whoever administers an organisation reads what a stranger wrote in an application",
        "notifications/render/drawings/applications.py",
        "*parts.facts([whose_number(said)]),",
        "*parts.facts(application_rows(said)),",
    ),
    Mistake(
        "a name over the API may hold what nobody sees",
        "core/register/entries.py",
        'UNFIT = rf"\\x00-\\x08\\x0b-\\x1f{NOT_IN_EMOJI}"',
        'UNFIT = r"\\x00-\\x08\\x0b-\\x1f"',
    ),
    Mistake(
        "what is typed on a page may hold what nobody sees",
        "bot/web/forms.py",
        "\\x7f{HIDDEN}]",
        "\\x7f]",
    ),
    Mistake(
        "what is typed in a modal may hold what nobody sees",
        "bot/forms/inputs.py",
        "return clean(choice_in(values, name)).strip()",
        "return choice_in(values, name).strip()",
    ),
    *(Mistake(**each) for each in yaml.safe_load((ROOT / "tests/tooling/planted.yaml").read_text("utf-8"))),
    Mistake(
        "while one has a part in a case, everybody at customer service counts as having one",
        "core/use_cases/alarms.py",
        "            if has_no_part(context) is None:\n                return\n",
        "",
    ),
    Mistake(
        "a lead is told at every try that nobody at customer service may act",
        "core/use_cases/alarms.py",
        "[card for card in cards if card.person not in told]",
        "cards",
    ),
    Mistake(
        "who has left counts as somebody at customer service who may act",
        "core/storage/cases/alarms.py",
        "role_holds(at), people.active]",
        "role_holds(at)]",
    ),
    Mistake(
        "what a lead is told of a case that nobody may touch stays when the case goes on",
        "notifications/rules/announcements.py",
        "    *(CardKind.UNATTENDED, *SAYS_WHO_HAS_IT),\n",
        "    *SAYS_WHO_HAS_IT,\n",
    ),
    Mistake(
        "whoever has left gets a role when the agreement is signed",
        "core/storage/cases/effects.py",
        'if known(connection, tables.persons, contact.person, "person")["active"]:',
        "if True:",
    ),
    Mistake(
        "who has left comes back with all old roles",
        "core/storage/register/roles.py",
        "    Roles(connection, at, author).end_all(person)\n",
        "",
    ),
    Mistake(
        "who has left comes back as everybody's substitute",
        "core/storage/register/roles.py",
        "    end_substitutions(connection, person, at, author)\n",
        "",
    ),
    Mistake(
        "nobody is told that an application names another administrator",
        "notifications/rules/audiences.py",
        "if is_told or not any(",
        "if True or not any(",
    ),
    Mistake(
        "customer service approves an application that names her",
        "core/workflow/guards/people.py",
        "or (not case.is_order and is_named(now))",
        "",
    ),
    Mistake(
        "customer service serves an organisation where she has a role",
        "core/workflow/guards/people.py",
        "return now.person in acted or _belongs_to_others(now) or",
        "return now.person in acted or",
    ),
    Mistake(
        "somebody at customer service grants herself a role",
        "core/register/administration_rules.py",
        "proposal.keeper.capacity is Capacity.CUSTOMER_SERVICE and proposal.is_ones_own",
        "False",
    ),
    Mistake(
        "an error of PostgreSQL names people in the log",
        "core/storage/database/error_privacy.py",
        "            _hush(link)",
        "            pass",
    ),
    Mistake(
        "nobody hears that an administrator has made herself a substitute",
        "core/register/substitutions.py",
        "return asker.person == wished.substitute and (before is None or wished.until > before.until)",
        "return False",
    ),
    Mistake(
        "one person orders and attests though another attests as well",
        "core/storage/context/authority_sql.py",
        ") <= {ALONE} ELSE FALSE END",
        ") >= 0 ELSE FALSE END",
    ),
    Mistake(
        "a new application takes the agreement that has ended away",
        "core/storage/cases/effects.py",
        "connection.execute(insert(tables.agreements), made)",
        "connection.execute(delete(tables.agreements)), connection.execute(insert(tables.agreements), made)",
    ),
    Mistake(
        "the register changes an agreement that has ended",
        "core/storage/register/agreement_entries.py",
        "before is not None and not _goes_on(_period(before), at)",
        "False",
    ),
    Mistake(
        "the register adds an agreement while another waits to be signed",
        "core/storage/register/agreement_entries.py",
        "waits and _goes_on(after, at)",
        "False",
    ),
    Mistake(
        "the register adds nothing of the past while an agreement waits to be signed",
        "core/storage/register/agreement_entries.py",
        "waits and _goes_on(after, at)",
        "waits",
    ),
    Mistake(
        "two agreements of an organisation hold on the same days",
        "core/storage/register/agreement_entries.py",
        'refuse("period_overlap" if clashes else None, "from")',
        "",
    ),
    Mistake(
        "an agreement that is ended was signed at midnight",
        "core/storage/register/agreement_entries.py",
        'since = row["valid_from"] if _begins(row, entry) else period.since',
        "since = period.since",
    ),
    Mistake(
        "the agreement that is to come is read in place of the one in force",
        "core/views/holdings.py",
        "next((each for each in mine if each.holds(at)), next(iter(mine), None))",
        "next(iter(mine), None)",
    ),
    Mistake(
        "the latest agreement is read in place of an earlier one",
        "core/http/routes/documents.py",
        "each.type is agreement and each.hash == wanted",
        "each.type is agreement",
    ),
    Mistake(
        "earlier agreements are not shown",
        "bot/views/organisations/holdings.py",
        "            *(list(_agreement(each, language, reading)) for each in earlier),\n",
        "",
    ),
    Mistake(
        "the oldest agreement stands first",
        "core/storage/reads/holdings.py",
        "made.valid_from.desc().nulls_first()",
        "made.valid_from.nulls_first()",
    ),
    Mistake(
        "an agreement that was written over stays away",
        "core/storage/migrations/versions/0018_agreements_of_their_own.py",
        "    if lost:\n",
        "    if not lost:\n",
    ),
    Mistake(
        "an agreement that was written over twice goes on until the last one",
        "core/storage/migrations/versions/0018_agreements_of_their_own.py",
        "next_of.get(kept, row.next_began)",
        "row.next_began",
    ),
    Mistake(
        "nobody minds two agreements that go on",
        "core/storage/migrations/versions/0018_agreements_of_their_own.py",
        '    Index("ix_agreements_open", "organisation_id", "type", unique=True,',
        '    Index("ix_agreements_open", "organisation_id", "type",',
    ),
    Mistake(
        "an account that was unlinked decides",
        "core/storage/identity/accounts.py",
        ".values(state=undoing.leaves, at=at, seen_at=None)",
        ".values(at=at)",
    ),
    Mistake(
        "whoever holds an account that was unlinked links it again",
        "notifications/accounts/account_links.py",
        "    if is_too_early or row.state in {LinkState.CONFIRMED, LinkState.BARRED}:\n",
        "    if row.state == LinkState.CONFIRMED:\n",
    ),
    Mistake(
        "an account is let in for somebody else",
        "core/storage/identity/accounts.py",
        "    mine = and_(ACCOUNTS.c.person_id == person, ACCOUNTS.c.state == LinkState.BARRED)\n",
        "    mine = ACCOUNTS.c.state == LinkState.BARRED\n",
    ),
    Mistake(
        "an account that Slack says has changed decides while Slack does not answer",
        "bot/slack/accounts.py",
        "case NotSaid() if not is_said_otherwise:",
        "case NotSaid():",
    ),
    Mistake(
        "a message at an account that was unlinked is edited",
        "core/storage/identity/accounts.py",
        'ended = {"given_up_at": at, ',
        "ended = {",
    ),
    Mistake(
        "what an unlinked account was asked is asked nobody",
        "core/storage/identity/accounts.py",
        "        connection.execute(insert(CARDS), again)\n",
        "        pass\n",
    ),
    Mistake(
        "what an unlinked account was about to be asked is posted there",
        "core/storage/identity/accounts.py",
        "    connection.execute(update(CARDS).where(on_the_way).values(nowhere))\n",
        "",
    ),
    Mistake(
        "accounts of e-identification are unlinked as those of Slack",
        "core/storage/administration/administration_reads.py",
        'and_(accounts.issuer.like("slack:%"), accounts.state == LinkState.CONFIRMED)',
        "and_(accounts.state == LinkState.CONFIRMED)",
    ),
    Mistake(
        "an unlinked account is a place for what looks for its reader",
        "notifications/outbox/repository.py",
        "if known.workspace_id is None and known.channel is None:",
        "if False:",
    ),
    Mistake(
        "an account that is linked again keeps its old messages",
        "notifications/accounts/account_links.py",
        "        thaw(connection, _kept(account, row.person_id), at)\n",
        "",
    ),
    Mistake(
        "whoever has a mail undoes the link of whom the account has become",
        "bot/web/links/accounts.py",
        "undo(person, Undoing(",
        "undo((await self.queries.person_of(account) or LinkUnknown).id, Undoing(",
    ),
    Mistake(
        "the page of an account undoes a link by being opened",
        "bot/web/links/accounts.py",
        "Route(PATH, self.ask)",
        "Route(PATH, self.answer)",
    ),
    Mistake(
        "an account that was linked is told of by no mail",
        "notifications/accounts/account_links.py",
        "        _tell_by_mail(connection, account, row.person_id, at, new_id)\n",
        "",
    ),
    Mistake(
        "a no at an account that is linked changes nothing",
        "bot/slack/listeners/links.py",
        "if link.state is not LinkState.CONFIRMED:",
        "if True:",
    ),
    Mistake(
        "an administrator unlinks people of other organisations",
        "core/use_cases/administration.py",
        "        if not member.may_be_unlinked:\n            return False\n",
        "",
    ),
    Mistake(
        "customer service unlinks its colleagues",
        "core/use_cases/administration.py",
        "        may_unlink(turn.keeper)\n",
        "",
    ),
    Mistake(
        "an account that has changed hands stays the person's",
        "bot/slack/accounts.py",
        "case Person(id=person.id):",
        "case Person():",
    ),
    Mistake(
        "every change of a profile is asked Slack about",
        "bot/slack/listeners/lifecycle.py",
        "if person is not None and not _is_as_before(said, person.email):",
        "if person is not None:",
    ),
    Mistake(
        "an account that was made a guest is nothing to look at",
        "bot/slack/payloads.py",
        '"deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")',
        '"deleted", "is_bot", "is_stranger")',
    ),
    Mistake(
        "an amount is large from itself on",
        "core/workflow/guards/people.py",
        "above is None or amount_ore(now) <= above",
        "above is None or amount_ore(now) < above",
    ),
    Mistake(
        "a look at an account is good for ever",
        "core/use_cases/orders.py",
        "context.seen_at is not None and at - context.seen_at <= LOOK_LASTS",
        "context.seen_at is not None",
    ),
    Mistake(
        "a look at one account is one at everybody's",
        "core/storage/identity/accounts.py",
        "update(ACCOUNTS).where(_of(account), reads.is_linked()).values(seen_at=at)",
        "update(ACCOUNTS).where(reads.is_linked()).values(seen_at=at)",
    ),
    Mistake(
        "a page behind a mail asks for a look at an account",
        "core/use_cases/orders.py",
        "isinstance(command.by, Identity) and command.surface is Surface.SLACK",
        "True",
    ),
    Mistake(
        "a refusal for an old look begins no new one",
        "bot/slack/refusal_replies.py",
        "            self.refused.notes.tasks.start(self.checks.look_at(by.account))\n",
        "            pass\n",
    ),
    Mistake(
        "whoever ordered reads the order for ever",
        "core/workflow/authorize.py",
        "    return tuple(dict.fromkeys(side for part, side in SIDE_OF.items() if part in around and now.plays(part)))",
        "    mine = (side for part, side in SIDE_OF.items() if part in around and now.plays(part))\n"
        "    return (Side.CUSTOMER,) if now.person == now.case.orderer else tuple(dict.fromkeys(mine))",
    ),
    Mistake(
        "signatories read every order",
        "core/workflow/authorize.py",
        "frozenset(Part) - {Part.CLOCK} - (APPLYING if case.is_order else frozenset())",
        "frozenset(Part) - {Part.CLOCK}",
    ),
    Mistake(
        "a card goes on to show the order to somebody whose role is over",
        "notifications/cards/drawer.py",
        "is_reduced=facts.is_reduced or found.recipient.is_outsider,",
        "is_reduced=facts.is_reduced,",
    ),
    Mistake(
        "somebody whose role is over is told how it went",
        "notifications/cards/drawer.py",
        "return card.place is None and found is not None and found.recipient.is_outsider",
        "return False",
    ),
    Mistake(
        "the link of a mail shows how it went to somebody whose role is over",
        "core/views/readers.py",
        "if is_asked_in_vain or SIDE_OF[part] not in sides_of(now):",
        "if is_asked_in_vain:",
    ),
    Mistake(
        "what one ordered is listed for whoever signs agreements there",
        "core/views/readers.py",
        "for organisation, role in held if role in CUSTOMER_READERS",
        "for organisation, role in held",
    ),
    Mistake(
        "instructions may be sent to whoever orders no more",
        "core/workflow/guards/people.py",
        "first = [now.case.orderer] if now.orderer_is_active else []",
        "first = [now.case.orderer]",
    ),
    Mistake(
        "a former handler of the agent is told to begin",
        "core/workflow/guards/people.py",
        "if each in held)",
        "if each in held or True)",
    ),
    Mistake(
        "whoever gives somebody a role keeps her own organisation from unlinking her",
        "core/storage/administration/administration_reads.py",
        "ROLES.c.organisation_id != organisation, ROLES.c.id < first)",
        "ROLES.c.organisation_id != organisation)",
    ),
    Mistake(
        "administrators hear of a new administrator alone, and not of who signs for them",
        "notifications/rules/audiences.py",
        "any(now.applying.is_new_there(each) for each in after.contacts)",
        "now.applying.is_new_there(after.administrator)",
    ),
    Mistake(
        "the end of a role that had to wait is told from before it could",
        "core/storage/register/rows.py",
        "    lock_register(connection)\n    return now()",
        "    at = now()\n    lock_register(connection)\n    return at",
    ),
    Mistake(
        "an account is told to stand for nobody from before whoever held it let go",
        "core/use_cases/accounts.py",
        "accounts = await unit.hold_accounts(person, account)\n        at = self.now()",
        "at = self.now()\n        accounts = await unit.hold_accounts(person, account)",
    ),
    Mistake(
        "an approval counts on although whoever gave it has declared jäv",
        "core/workflow/apply_transition.py",
        "if row.does is Action.SEND_BACK or (row.does is Action.RECUSE and not row.keeps_step):",
        "if row.does is Action.SEND_BACK:",
    ),
    Mistake(
        "jäv of whoever approved leaves the order with the agent's attestants",
        "core/workflow/flows.py",
        "Action.RECUSE, TAKES_APPROVAL_BACK, Asks.CONFIRMATION, State.AWAITING_AGENT_APPROVAL)",
        "Action.RECUSE, TAKES_APPROVAL_BACK, Asks.CONFIRMATION, SAME)",
    ),
    Mistake(
        "an approval stands that a substitute gave with the authority of whoever has declared jäv",
        "core/workflow/guards/people.py",
        "return now.person in _people_of(_approvals(now.case))",
        "return now.person in {each.person for each in _approvals(now.case)}",
    ),
    Mistake(
        "the customer with an old card hears that somebody at the agent declared jäv",
        "core/workflow/authorize.py",
        "    if not hears_of(reader, decision.action, SIDE_OF.get(decision.part)):\n",
        "    if False:\n",
    ),
    Mistake(
        "the customer's chain of steps tells that somebody at the agent declared jäv",
        "core/views/timeline.py",
        "if is_anothers(case, decision, reader) or not hears_of(reader, decision.action, SIDE_OF.get(decision.part)):",
        "if is_anothers(case, decision, reader):",
    ),
    Mistake(
        "the orderer is told that the order was received when the agent is to approve it anew",
        "notifications/render/drawings/orderer.py",
        "return is_void and view.state is State.AWAITING_AGENT_APPROVAL",
        "return False",
    ),
    Mistake(
        "the go-ahead to an agent that has no orderer any more reaches nobody",
        "core/workflow/guards/people.py",
        "return {Part.AGENT_ADMINISTRATOR: administrators} if administrators else {}",
        "return {}",
    ),
    Mistake(
        "whoever declared jäv at the agent is told to begin the connection",
        "core/workflow/guards/people.py",
        "for each in now.holders.get(part, ()) if not each.people & recused))",
        "for each in now.holders.get(part, ()) if recused is not None))",
    ),
    Mistake(
        "a go-ahead is refused although whoever approved would hear it",
        "core/workflow/guards/people.py",
        "tuple(dict.fromkeys((*decided, *others)))",
        "tuple(dict.fromkeys(others))",
    ),
    Mistake(
        "whoever declared jäv hears how the order ended",
        "notifications/rules/audiences.py",
        "without = {event.decision.person, *event.after.recused}",
        "without = {event.decision.person}",
    ),
    Mistake(
        "a card hides why it is approved anew once the orderer has been asked",
        "notifications/render/drawings/requests.py",
        "if why is None or why.action is None or sheet.is_revised_since(why):",
        "if why is None or why.action is None or sheet.view.last is not why:",
    ),
    Mistake(
        "an agent without people is told to begin, and nobody hears it",
        "core/workflow/authorize.py",
        "    Asks.MESSAGE: _go_ahead,\n",
        "    Asks.MESSAGE: _message,\n",
    ),
)


NOTHING = Mistake("no mistake", "core/workflow/flows.py", "SAME = ", "SAME = ")


def main() -> int:
    """Returns how many mistakes no test noticed."""
    parser = argparse.ArgumentParser(description="Plants mistakes one at a time and runs tests on each.")
    parser.add_argument("names", nargs="*", choices=[[], *(each.name for each in MISTAKES)], metavar="name")
    parser.add_argument("--tests", nargs="+", default=(), metavar="path", help="run these, and no others")
    asked = parser.parse_args()
    chosen = [each for each in MISTAKES if not asked.names or each.name in asked.names]
    if is_noticed(NOTHING, asked.tests):
        raise SystemExit("the tests fail without any mistake, so they prove nothing")
    unnoticed = [each.name for each in chosen if not is_noticed(each, asked.tests)]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} mistakes noticed")  # noqa: T201 - a script tells its caller
    return len(unnoticed)


def is_noticed(mistake: Mistake, tests: Sequence[str] = ()) -> bool:
    """True when some test fails with the mistake planted, of those that are named or of all."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy(copy)
        _plant(copy, mistake)
        met = [tuple(tests)] if tests else stages(mistake.file)
        failing = next((stage for stage in met if _fails(copy, stage)), None)
    told = "NOT NOTICED" if failing is None else f"noticed by {' '.join(failing)}"
    print(f"{mistake.name}: {told}", flush=True)  # noqa: T201 - a script tells its caller
    return failing is not None


def stages(file: str) -> Iterator[tuple[str, ...]]:
    """The tests that a mistake in a file meets, the quickest first."""
    yield FAST
    yield next(folders for begin, folders in REACHING.items() if file.startswith(begin))
    yield ("tests",)


def _fails(copy: Path, tests: tuple[str, ...]) -> bool:
    words = ["-q", "-x", "-n", "auto", "--dist", "worksteal", "-p", "no:cacheprovider", *tests]
    return (
        subprocess.run([sys.executable, "-m", "pytest", *words], cwd=copy, capture_output=True, check=False).returncode
        != 0
    )


def _copy(copy: Path) -> None:
    """The tracked files as they are now, in a repository of their own: some tests ask git what is tracked."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    subprocess.run(["git", "add", "--all"], cwd=copy, check=True)


def _plant(copy: Path, mistake: Mistake) -> None:
    path = copy / mistake.file
    path.write_text(planted(mistake, path.read_text("utf-8")), "utf-8")


def planted(mistake: Mistake, text: str) -> str:
    """A file's text with the mistake in it; SystemExit where its place is not to be found, or is not the only one."""
    if text.count(mistake.was) != 1:
        raise SystemExit(f"{mistake.name}: its text stands {text.count(mistake.was)} times in {mistake.file}")
    return text.replace(mistake.was, mistake.becomes)


if __name__ == "__main__":
    sys.exit(main())
