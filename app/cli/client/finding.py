"""Which execution is meant, and the whole names of what was said short."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.cli.client.codes import NOT_FOUND, USAGE
from app.cli.client.session import Session
from app.cli.client.shown import clean, mode_of
from app.cli.said import Stop

RUNNING: Final = ("in_progress", "blocked", "on_hold")
ENOUGH: Final = 10  # executions named where several could be meant


def execution_id(session: Session) -> str:
    """Give the id of the execution that is meant: the one said, else the one that runs.

    Raises Stop where none or several could be meant.
    """
    said = session.execution
    if said is None:
        return _the_running_one(session)
    if _is_whole(said):
        return said
    wanted = said.lower()
    found = [
        one
        for one in session.calls.everything("/executions")
        if one["id"].startswith(wanted) or one["id"].endswith(wanted)
    ]
    return _one_of(found, f"whose id begins or ends with {said!r}")


def _the_running_one(session: Session) -> str:
    found = [one for status in RUNNING for one in session.calls.everything("/executions", status=status)]
    return _one_of(found, "that runs")


def _one_of(found: list[dict[str, Any]], which: str) -> str:
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise Stop(f"There is no execution {which}. See: failback executions list", code=NOT_FOUND)
    lines = [f"  {mode_of(one):5}  {one['id']}  {clean(one['title'])}" for one in found[:ENOUGH]]
    more = [f"  and {len(found) - ENOUGH} more"] if len(found) > ENOUGH else []
    asked = f"There are {len(found)} executions {which}. Say which one: --execution ID"
    raise Stop("\n".join([asked, *lines, *more]), code=USAGE)


def _is_whole(said: str) -> bool:
    try:
        return str(UUID(said)) == said.lower()
    except ValueError:
        return False


def execution(session: Session) -> dict[str, Any]:
    """Read the execution that is meant."""
    document: dict[str, Any] = session.calls.get(f"/executions/{execution_id(session)}")
    return document


def whole_action(document: Mapping[str, Any], said: str) -> str:
    """Give `step.action` for an action's id alone: the current step's, else the only step's that has it."""
    if "." in said:
        return said
    here = (document["step"] or {}).get("id")
    places = [step["id"] for step in document["steps"] if any(one["id"] == said for one in step["actions"])]
    if here is not None and (here in places or said == "sign-off"):
        return f"{here}.{said}"
    if len(places) != 1:
        raise Stop(f"No one action is named {said!r}; say it as STEP.ACTION.", code=USAGE)
    return f"{places[0]}.{said}"


def item_named(document: Mapping[str, Any], place: str) -> dict[str, Any] | None:
    """Give the item of the current step that is at `step.item`; None where the step has an order, or no such item."""
    step, _, name = place.partition(".")
    here = (document["step"] or {}).get("id")
    items = document["items"] if step == here else []
    return next((dict(one) for one in items if one["id"] == name), None)


def operator_id(session: Session, said: str) -> str:
    """Give the id of an operator said by id, by name, or as `me`.

    The service lists no operators: a name is found once its bearer has posted anything.
    """
    if said == "me":
        return str(session.calls.get("/me")["id"])
    if _is_whole(said):
        return said
    items = session.calls.get("/events", actor=said, limit=1)["items"]
    if not items:
        raise Stop(
            f"Nobody named {said!r} has posted anything yet; give the id that their whoami shows.", code=NOT_FOUND
        )
    return str(items[0]["actor"]["id"])
