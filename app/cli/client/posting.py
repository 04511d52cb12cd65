"""An event posted: read where the execution stands, show what will be signed, ask, post, say what came of it."""

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import typer

from app.cli.client.body import event_body
from app.cli.client.checking import verdict
from app.cli.client.codes import FAILED
from app.cli.client.finding import execution, item_named
from app.cli.client.options import Option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put, say
from app.cli.client.words import ATTEMPT, COMMON, MANNER, PLACE, WORDS, At, Word
from app.cli.said import Stop

_HIDDEN: Final = frozenset({"type", "at", "attempt", "evidence"})  # shown in another way


def options_of(word: Word) -> list[Option]:
    """Give what a command takes: its own members, what every event may carry, how it is posted."""
    tied = () if word.at is At.NOWHERE else (PLACE, ATTEMPT)
    return [*word.members, *COMMON, *tied, *MANNER]


def post_event(session: Session, *, word: Word, **said: Any) -> None:
    """Post one event of the word's type to the execution that is meant."""
    document = execution(session)
    asks = session.interactive and not said["yes"]
    body = event_body(session, word, document, said)
    if asks:
        heading(document, stream=sys.stderr)
        for line in _what_is_signed(word, document, body):
            say(line)
        body = _with_comment(word, document, body)
        _ask(word, document)
    path = f"/executions/{document['id']}/events"
    try:
        answer = session.calls.post(path, body, key=said["key"])
    except Stop as lost:
        _how_to_ask_again(lost, body)
        raise
    _tell(session, answer)


def _what_is_signed(word: Word, document: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """Give what the person is about to put their name to."""
    action, step = item_named(document, body.get("action", "")) or document["action"], document["step"]
    at = f" at {body['at']}" if "at" in body else ""
    yield f"  {word.name}{at}" + (f", attempt {body['attempt']}" if "attempt" in body else "")
    if step is not None:
        yield f"  Step {step['number']}, {step['title']}" + (f": {action['title']}" if action else "")
    if action is not None and action["irreversible"]:
        yield f"  Irreversible. {action['consequence'] or ''}"
    if action is not None and action["per_workload"] and "workloads" not in body:
        yield "  No workload named: all that are open."
    for name, value in body.items():
        if name not in _HIDDEN:
            yield f"  {name}: {_short(value)}"
    for one in body.get("evidence", ()):
        size = f"{len(one['content'].encode())} bytes of {one['media_type']}" if "content" in one else one["href"]
        yield f"  evidence: {one.get('name', one['kind'])}, {size}"
    yield from _prospect(word, document)


def _prospect(word: Word, document: Mapping[str, Any]) -> Iterator[str]:
    """Give what the service says of such an event now: where it leads and in which role, or every reason against it."""
    for one in document["allowed"]:
        if one["type"] == word.type:
            yield f"  as {one['role']}" + (f"; leads to {one['opens']}" if one["opens"] else "")
    for one in document["refused"]:
        if one["type"] == word.type:
            yield "  It will be refused as things are:"
            yield from (f"  - {reason}" for reason in one["reasons"])


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value['label']}, {value['time']}" if isinstance(value, dict) else str(value)


def _with_comment(word: Word, document: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Ask for the comment where that is all the service still needs; an empty answer leaves it to the service."""
    needs = next((set(one["needs"]) for one in document["allowed"] if one["type"] == word.type), set())
    if needs - body.keys() != {"comment"} or "symptom" in body:  # a symptom says why
        return body
    comment = typer.prompt("Comment", default="", show_default=False, err=True).strip()
    return {**body, "comment": comment} if comment else body


def _ask(word: Word, document: Mapping[str, Any]) -> None:
    if not word.deliberate:
        if not typer.confirm("Post it?", err=True):
            raise Stop("Nothing was posted.", code=FAILED)
        return
    typed = typer.prompt(f"This is not taken back. Type the title, {document['title']!r}", err=True)
    if typed.strip() != document["title"]:
        raise Stop("That is not the title. Nothing was posted.", code=FAILED)


def _how_to_ask_again(lost: Stop, body: Mapping[str, Any]) -> None:
    """Say how to learn what became of an event whose answer did not come."""
    key = getattr(lost, "key", None)
    if key is None:
        return
    tied = "".join(f" --{name} {body[name]}" for name in ("at", "attempt") if name in body)
    say(f"Whether it took effect is not known. The same command with{tied} --idempotency-key {key} asks again.")


def _tell(session: Session, answer: Mapping[str, Any]) -> None:
    event, document = answer["event"], answer["execution"]

    def draw() -> None:
        heading(document)
        moved = event["position_before"] != event["position_after"]
        put(f"Event {event['number']}: {event['type']}, by {event['actor']['name']} as {event['actor']['role']}")
        put(f"{'Now at' if moved else 'Still at'} {document['position']}")
        for piece in event["evidence"]:
            if piece.get("check"):
                for line in verdict(piece.get("name") or piece["kind"], piece["check"]):
                    put(line)
        for offer in event["data"].get("offers", ()):
            put(f"Advised: {offer}")

    give(session.form, answer, draw=draw, names=[event["number"]])
    if session.interactive:
        ended = document["step"] is None
        say(
            "It has ended. To take its journal away: failback export FILE" if ended else "What to do now: failback next"
        )


def register(commands: typer.Typer) -> None:
    """Make a command of every word."""
    for word in WORDS:
        add(commands, word.name, partial(post_event, word=word), *options_of(word), said=word.help, about_one=True)
