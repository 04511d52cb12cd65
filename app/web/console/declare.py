"""Declaring: which runbook, live or as a drill, what it is about; then the execution's page."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from uuid_utils.compat import uuid7

from app.domain.errors import NotFound, Refusal, Unauthenticated
from app.domain.events import FourEyes
from app.domain.runbook import Runbook, RunbookKind
from app.domain.vocabulary import EvidencePolicy
from app.services import executions
from app.services.service import Service
from app.storage import protected_sets
from app.storage.database import Connection
from app.storage.rows import SetRow
from app.web.bodies.declared import declared
from app.web.console import refusals
from app.web.console.forms import Typed, declaration_of, typed
from app.web.console.pages import PageRoute, form_of, seen_other
from app.web.console.posting import request_key
from app.web.console.rendering import page, reader_of
from app.web.console.speech import Speech
from app.web.console.visitors import Declarer
from app.web.deps import TheService
from app.web.errors import answer_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

ADDRESS: Final = "/declare"
MAX_SETS: Final = 200


@router.get(ADDRESS)
async def show_declaration(
    *,
    request: Request,
    actor: Declarer,
    service: TheService,
    runbook: Annotated[str, Query(max_length=100)] = "",
    mode: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Ask which runbook; then, with its parameters, everything else. `mode` ticks live or drill."""
    shown = await _shown(service, runbook, reader_of(request).speech)
    return page(request, "declare.html", **shown, mode=mode, typed=Typed(), refusal=None)


@router.post(ADDRESS)
async def declare(*, request: Request, actor: Declarer, service: TheService) -> Response:
    """Take the form: the execution stands at its first action."""
    form = await form_of(request)
    speech = reader_of(request).speech
    try:
        asked, body = declaration_of(form)
        key = request_key(ADDRESS, body, str(form.get("key", "")))
        job = executions.declare(await declared(service, asked), actor=actor, key=key)
        accepted = await service.writer.ask(job)
    except Unauthenticated:
        raise
    except Refusal as refusal:
        shown = await _shown(service, str(form.get("runbook", "")), speech)
        return page(
            request,
            "declare.html",
            status=answer_of(type(refusal)).status,
            **shown,
            mode="",
            typed=typed(form, refusals.faults(refusal, speech), keeps_form=True),
            refusal={"title": refusals.title(refusal, speech), "sentences": refusals.sentences(refusal, speech)},
        )
    return seen_other(f"/executions/{accepted.execution_id}?said={accepted.number}")


async def _shown(service: Service, identifier: str, speech: Speech) -> dict[str, Any]:
    """Give what the page shows: every runbook, or the one chosen with its parameters and the sets it fits."""

    def look(connection: Connection) -> tuple[dict[str, Runbook], list[SetRow]]:
        sets = protected_sets.set_list(connection, before=None, limit=MAX_SETS)
        return service.definitions.current(connection), sets

    current, sets = await service.database.read(look)
    if identifier and identifier not in current:
        raise NotFound
    chosen = current.get(identifier)
    return {
        "runbooks": [_told(one, speech) for one in current.values()],
        "chosen": None if chosen is None else _asked(chosen, speech),
        "sets": [{"id": one.id, "name": one.name} for one in sets],
        "policies": {"four_eyes": [one.value for one in FourEyes], "evidence": [one.value for one in EvidencePolicy]},
        "key": str(uuid7()),
    }


def _told(runbook: Runbook, speech: Speech) -> dict[str, Any]:
    return {
        "id": runbook.id,
        "version": runbook.version,
        "title": speech.read(runbook.title),
        "is_checklist": runbook.kind is RunbookKind.CHECKLIST,
        "steps": len(runbook.steps),
    }


def _asked(runbook: Runbook, speech: Speech) -> dict[str, Any]:
    return {
        **_told(runbook, speech),
        "parameters": [
            {
                "name": one.name,
                "description": speech.read(one.description),
                "required": one.required,
                "example": one.example,
                "default": one.default,
                "choices": one.choices,
            }
            for one in runbook.parameters
        ],
        "profiles": [
            {"id": one.id, "title": speech.read(one.title), "note": speech.read(one.note) if one.note else None}
            for one in runbook.command_profiles
        ],
    }
