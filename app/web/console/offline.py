"""The offline runbook of an execution: one file that needs no network, to be kept at hand or printed."""

import base64
import hashlib
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.domain.facts import Facts
from app.domain.machine import machine_for
from app.domain.runbook import Runbook
from app.services import reading
from app.services.document import document
from app.web.console import execution_view, files, journal_said, offline_view, runbook_said, work_view
from app.web.console.pages import PageRoute
from app.web.console.rendering import page, reader_of
from app.web.console.speech import Speech
from app.web.console.visitors import Visitor
from app.web.deps import TheService, execution_id_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@cache
def style() -> tuple[str, str]:
    """Give the file's style, and the policy under which a browser applies it, fetches nothing and runs nothing."""
    text = files.content("offline.css").decode()
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@router.get("/executions/{execution_id}/offline")
async def give_offline_runbook(
    *,
    request: Request,
    execution_id: str,
    actor: Visitor,
    service: TheService,
    show: str | None = None,
) -> Response:
    """Give everything that is left to do as one file; `show` opens it in place of keeping it."""
    identifier = execution_id_of(execution_id)
    speech = reader_of(request).speech
    runbook, facts = await service.database.read_long(
        lambda connection: reading.standing(connection, service.definitions, identifier)
    )
    text, policy = style()
    kept = "attachment" if show is None else "inline"
    return page(
        request,
        "offline.html",
        headers={
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Content-Disposition": f'{kept}; filename="failback-{identifier}-offline.html"',
        },
        style=Markup(text),  # noqa: S704 - our own file
        policy=policy,
        **_view(runbook, facts, identifier, speech),
    )


def _view(runbook: Runbook, facts: Facts, execution_id: str, speech: Speech) -> dict[str, Any]:
    told = document(machine_for(runbook, facts.profile), facts, execution_id=execution_id, language=speech.language)
    steps = offline_view.remaining(runbook, facts, speech)
    return {
        "doc": told,
        "here": journal_said.title(facts.position, runbook, speech),
        "steps": steps,
        "picture": execution_view.picture(told) if runbook.site_picture else [],  # a checklist moves nothing
        "failures": work_view.failures(runbook, facts, speech),
        "symptoms": runbook_said.symptoms(runbook, speech),
        "losses": runbook_said.losses(runbook, speech),
        "secondary_loss": runbook_said.secondary_loss(runbook, speech),
        "typed_in": offline_view.typed_in(steps),
    }
