"""The page of an execution: where it stands, what to do now, the forms for it; and what those forms send."""

import json
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from app.domain.errors import FieldFault, InvalidRequest, Refusal, Unauthenticated, VersionMismatch
from app.domain.events import Actor, EventType
from app.domain.facts import Facts
from app.domain.machine import machine_for
from app.domain.runbook import Runbook, RunbookKind
from app.services import reading
from app.services.clocks import clocks_of
from app.services.document import document
from app.services.evidence_checks import dry_run
from app.services.identity import people
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.web.bodies.evidence import EvidenceBody
from app.web.console import evidence_said, execution_view, journal_said, offers, posting, refusals, work_view
from app.web.console.forms import Typed, event_of, evidence_of, typed, with_files_as_text
from app.web.console.pages import PageRoute, form_of, seen_other
from app.web.console.rendering import page, reader_of
from app.web.console.speech import Speech
from app.web.console.visitors import Speaker, Visitor
from app.web.deps import TheService, execution_id_of
from app.web.errors import answer_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

LATEST: Final = 8  # lines of the journal beside the work
#: A second disaster throws away what was done: its form asks for the execution's title.
_DELIBERATE: Final = frozenset({EventType.PRIMARY_LOST, EventType.SECONDARY_LOST, EventType.ABORT})


@router.get("/executions/{execution_id}")
async def show_execution(
    *,
    request: Request,
    execution_id: str,
    actor: Visitor,
    service: TheService,
    kiosk: str | None = None,
    said: int | None = None,
) -> Response:
    """Show an execution; `kiosk` for the wall, `said` names the line just written."""
    identifier = execution_id_of(execution_id)
    template = "execution.html" if kiosk is None else "kiosk.html"
    shown = await _shown(service, identifier, actor, reader_of(request).speech)
    return page(request, template, **shown, typed=Typed(), refusal=None, said=said)


@router.post("/executions/{execution_id}")
async def post_event(*, request: Request, execution_id: str, actor: Speaker, service: TheService) -> Response:
    """Take a form of the page: one event. What is refused comes back with what was typed, and why."""
    identifier = execution_id_of(execution_id)
    form = await form_of(request)
    speech = reader_of(request).speech
    try:
        if form.get("check"):
            return await _checked(request, service, identifier, actor, await evidence_of(form))
        posted, body = await event_of(form)
        if posted.type in _DELIBERATE:
            await _check_title(service, identifier, str(form.get("title", "")))
        accepted = await posting.post(
            service,
            identifier,
            posted,
            body,
            actor=actor,
            key=str(form.get("key", "")),
            showing=posting.showing(form.get("seen"), form.get("shown")),
            language=speech.language,
        )
    except Unauthenticated:
        raise
    except Refusal as refusal:
        seen = posting.showing(form.get("seen"), None).version
        shown = await _shown(service, identifier, actor, speech, since=seen)
        return page(
            request,
            "execution.html",
            status=answer_of(type(refusal)).status,
            **shown,
            typed=typed(form, refusals.faults(refusal, speech), keeps_form=refusals.keeps_form(refusal)),
            refusal={
                "title": refusals.title(refusal, speech),
                "sentences": refusals.sentences(refusal, speech),
                "keeps_form": refusals.keeps_form(refusal),
            },
            said=None,
        )
    return seen_other(f"/executions/{identifier}?said={accepted.number}")


async def _checked(
    request: Request, service: Service, execution_id: str, actor: Actor, attached: EvidenceBody
) -> Response:
    """Show what the evidence would come to, beside what was typed; nothing is recorded."""
    asked = (service.definitions, execution_id)
    runbook, facts = await service.database.read_long(lambda connection: reading.standing(connection, *asked))
    form, speech = await form_of(request), reader_of(request).speech
    if form.get("at") != facts.position:
        raise VersionMismatch  # what was typed for one action does not go into the form of the next
    pieces = [one.kept() for one in attached.evidence]
    found = dry_run(runbook, facts, evidence=pieces, at=attached.at, workloads=attached.workloads or ())
    shown = await _shown(service, execution_id, actor, speech)
    shown["verdict"] = {
        "pieces": [
            {"name": piece["name"] or piece.get("href"), "check": evidence_said.in_words(check, speech)}
            for piece, check in zip(pieces, found["checks"], strict=True)
        ],
        "lacking": found["lacking"],
    }
    kept = with_files_as_text(typed(form, {}, keeps_form=True), pieces)
    return page(request, "execution.html", **shown, typed=kept, refusal=None, said=None)


async def _check_title(service: Service, execution_id: str, title: str) -> None:
    """Raise InvalidRequest unless the title was typed: a hand on the wrong form should not end a failover."""
    asked = (service.definitions, execution_id)
    _, facts = await service.database.read_long(lambda connection: reading.standing(connection, *asked))
    if " ".join(title.split()).casefold() != " ".join(facts.title.split()).casefold():
        raise InvalidRequest(FieldFault("/title", "type the title"))


async def _shown(
    service: Service, execution_id: str, actor: Actor, speech: Speech, *, since: int | None = None
) -> dict[str, Any]:
    """Give what the page shows of an execution as it is now; `since`: with the lines after that version."""

    def look(connection: Connection) -> dict[str, Any]:
        runbook, facts = reading.standing(connection, service.definitions, execution_id)
        rows = queries.chunk(connection, execution_id, after=max(0, facts.version - LATEST), until=facts.version)
        missed = [] if since is None else queries.chunk(connection, execution_id, after=since, until=facts.version)
        return {
            **_view(runbook, facts, execution_id, actor, speech),
            "lines": [journal_said.said(json.loads(row.line), runbook, speech) for row in reversed(rows)],
            "missed": [journal_said.said(json.loads(row.line), runbook, speech) for row in missed[:LATEST]],
            "people": people(connection),
            "verdict": None,
            "clocks": clocks_of(connection, service.chronicles, execution_id),
        }

    return await service.database.read_long(look)


def _view(runbook: Runbook, facts: Facts, execution_id: str, actor: Actor, speech: Speech) -> dict[str, Any]:
    told = document(machine_for(runbook, facts.profile), facts, execution_id=execution_id, language=speech.language)
    offered = offers.offerings(runbook, facts, actor, speech.language)
    action = runbook.actions.get(facts.position)
    commands = told["action"]["commands"] if told["action"] else []
    return {
        "doc": told,
        "key": str(uuid7()),
        "shown": {kind.value: posting.shown(facts, kind) for kind in EventType},
        "offered": offered,
        "first": offers.first_for(offered),
        "awaited": offers.awaited(offered),
        "opens": {
            one["type"]: journal_said.title(one["opens"], runbook, speech) if one["opens"] else None
            for one in [*told["allowed"], *({"type": one["type"], "opens": None} for one in told["refused"])]
        },
        "track": execution_view.track(told),
        "picture": execution_view.picture(told),
        "at_risk": execution_view.unprotected(told),
        "commands": execution_view.by_workload(commands),
        "takes_point": action is not None and action.recovery_point,
        "subjects": work_view.subjects(runbook, facts),
        "items": work_view.items(runbook, facts, told),
        "is_checklist": runbook.kind is RunbookKind.CHECKLIST,
        "failures": work_view.failures(runbook, facts, speech),
        "symptoms": work_view.symptoms(runbook, action, speech),
        "undoable": work_view.undoable(runbook, facts, speech),
        "retryable": work_view.retryable(runbook, facts, speech),
        "signing": work_view.signing(runbook, facts, told, speech),
        "profiles": [
            {
                "id": one.id,
                "title": speech.read(one.title),
                "note": speech.read(one.note) if one.note else None,
            }
            for one in runbook.command_profiles
        ],
        "entered_by": facts.entered_by,
        "on_hold": facts.on_hold,
    }
