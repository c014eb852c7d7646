"""`python -m bench.parse`: verifying and parsing a request, beside the same with the standard library's form parser.

Goal: at most 0.3 of it for a body of 2 KB (performance, section 1).
"""

import json
import time
from collections.abc import Callable
from statistics import median
from urllib.parse import parse_qs, urlencode

import typer

from bot.slack import payloads
from bot.slack.route import SlackSignature, sign

SECRET = "signing-secret-of-the-benchmark"  # noqa: S105 - signs nothing that matters
STAMP = 1_700_000_000
SIGNATURE = SlackSignature(SECRET, lambda: STAMP)
LIMIT, GOAL_AT = 0.3, 2_000
SIZES = (1_000, GOAL_AT, 10_000, 40_000)
ROUNDS, BURST = 30, 100


def main() -> None:
    """Measure bodies of several sizes, in turns."""
    typer.echo(f"{'bytes':>8}{'ours us':>10}{'parse_qs us':>13}{'ratio':>8}")
    for size in SIZES:
        body = _body(size)
        ours, theirs, ratio = _in_turns(lambda body=body: _ours(body), lambda body=body: _with_parse_qs(body))
        judged = f"  goal <= {LIMIT}: {'reached' if ratio <= LIMIT else 'NOT reached'}" if size == GOAL_AT else ""
        typer.echo(f"{len(body):>8}{ours:>10.1f}{theirs:>13.1f}{ratio:>8.2f}{judged}")


def _ours(body: bytes) -> object:
    if not SIGNATURE.holds(_headers(body), body):
        raise ValueError
    return payloads.read(body, payloads.FORM)


def _with_parse_qs(body: bytes) -> object:
    if not SIGNATURE.holds(_headers(body), body):
        raise ValueError
    return json.loads(parse_qs(body.decode())["payload"][0])


def _in_turns(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    pairs = [(_microseconds(ours), _microseconds(theirs)) for _ in range(ROUNDS)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def _microseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(BURST):
        work()
    return (time.perf_counter() - began) / BURST * 1_000_000


_signed: dict[bytes, dict[str, str]] = {}


def _headers(body: bytes) -> dict[str, str]:
    if body not in _signed:
        signature = sign(SECRET, str(STAMP), body)
        _signed[body] = {"x-slack-request-timestamp": str(STAMP), "x-slack-signature": signature}
    return _signed[body]


def _body(size: int) -> bytes:
    """A press with as many blocks in its message as make the body that large."""
    blocks: list[dict[str, object]] = []
    while len(body := _encoded(blocks)) < size:
        text = {"type": "mrkdwn", "text": f"*Beställning {len(blocks)}*\nSITHS för Vårdcentralen Eken, 1 500 kr"}
        blocks.append({"type": "section", "block_id": f"b{len(blocks)}", "text": text})
    return body


def _encoded(blocks: list[dict[str, object]]) -> bytes:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0INERA001", "domain": "exempel"},
        "user": {"id": "UBO0000000", "name": "bo", "team_id": "T0INERA001"},
        "api_app_id": "A0BENCH001",
        "trigger_id": "1234567890123.1234567890123.0123456789abcdef0123456789abcdef",
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": "D0BENCH001"},
        "actions": [{"type": "button", "action_id": "kp.attest", "block_id": "b0", "value": "bench|C1|B-1|1|1"}],
        "message": {"type": "message", "ts": "1700000000.000001", "blocks": blocks},
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


if __name__ == "__main__":
    typer.run(main)
