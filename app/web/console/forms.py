"""Forms: what a page sends turned into the body that the API would take, and what was typed kept for the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.events import Posted
from app.web.bodies.declaration import EXECUTION, ExecutionBody
from app.web.bodies.events import EVENT
from app.web.bodies.evidence import EVIDENCE, EvidenceBody
from app.web.faults import invalid_request
from app.web.strict_json import parse

#: Fields that go into the body under their own names where they are not blank.
_TEXTS: Final = (
    "type", "at", "comment", "performed_by", "outcome", "symptom", "action", "command_profile", "decision", "to",
    "drill_outcome",
)  # fmt: skip
_FLAGS: Final = ("break_glass", "evidence_waived")
_TARGETS: Final = ("rto_minutes", "rpo_minutes")
_DIGITS: Final = 10
_NUMBERS: Final = ("attempt", "corrects")
#: Where a fault is shown: the field of the form by the beginning of the body's pointer, the longest first.
FIELDS: Final[Mapping[str, str]] = {
    "/recovery_point/label": "recovery_label",
    "/recovery_point/time": "recovery_time",
    "/recovery_point": "recovery_label",
    "/performed_at": "performed_at",
    "/performed_by": "performed_by",
    "/workloads": "workloads",
    "/evidence": "evidence_content",
    "/comment": "comment",
    "/symptom": "symptom",
    "/action": "action",
    "/command_profile": "command_profile",
    "/drill_outcome": "drill_outcome",
    "/decision": "decision",
    "/corrects": "corrects",
    "/outage_started_at": "outage_started_at",
    "/parameters/": "parameter-",  # and the parameter's name
    "/targets/": "",
    "/protected_set": "protected_set",
    "/runbook": "runbook",
    "/policy/": "",
    "/mode": "mode",
    "/title": "title",
    "/to": "to",
}
_BOMS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_MAX_ZONE: Final = 15 * 60  # minutes: no zone is further from UTC


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one of a page's forms, and what is wrong with it; empty for a page just opened."""

    kind: str = ""  # which form: the event's type, with the item where a step has several
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)  # by field

    def value(self, kind: str, name: str, default: str = "") -> str:
        """Give what stands in a field."""
        return next(iter(self.values.get(name, ())), "") if kind == self.kind else default

    def ticked(self, kind: str, name: str, value: str, *, default: bool) -> bool:
        """Say whether a box is ticked."""
        return value in self.values.get(name, ()) if kind == self.kind else default

    def fault(self, kind: str, name: str) -> str | None:
        """Give what is wrong with a field; None: nothing."""
        return self.faults.get(name) if kind == self.kind else None


def typed(form: FormData, faults: Mapping[str, str], *, keeps_form: bool) -> Typed:
    """Give what a form sent as it was typed, with faults by the body's pointer as `refusals.faults` gives them.

    Without `keeps_form` it fills in no form: what was said of one position is not what is meant for the next.
    """
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    by_field: dict[str, str] = {}
    for pointer, sentence in faults.items():
        known = by_field.get(_field(pointer), "")
        if sentence not in known:
            by_field[_field(pointer)] = f"{known} {sentence}".lstrip()
    return Typed(kind=_first(form, "form") if keeps_form else "", values=values, faults=by_field)


def with_files_as_text(kept: Typed, evidence: Sequence[Mapping[str, Any]]) -> Typed:
    """Give what was typed with the first file's text pasted: a browser forgets which file was chosen."""
    if kept.value(kept.kind, "evidence_content").strip():
        return kept
    outputs = [one for one in evidence if one["kind"] == "output"]
    pasted = {"evidence_content": [one["content"] for one in outputs[:1]]}
    named = {"evidence_name": [one["name"] or "" for one in outputs[:1]]}
    return replace(kept, values={**kept.values, **pasted, **named})


def _field(pointer: str) -> str:
    """Give the field that a pointer into the body means, "" for none: it is then said on top alone."""
    start = next((start for start in FIELDS if pointer.startswith(start)), None)
    if start is None:
        return ""
    return FIELDS[start] + pointer.removeprefix(start) if start.endswith("/") else FIELDS[start]


async def event_of(form: FormData) -> tuple[Posted, dict[str, Any]]:
    """Give the event that a form posts, and its body as the API would take it; raises InvalidRequest."""
    body = _body(form, [one async for one in _files(form)])
    checked = parse(json.dumps(body).encode())  # what no text may hold is refused here as it is there
    try:
        return EVENT.validate_python(checked).posted(), body
    except ValidationError as error:
        raise invalid_request(error, body=checked) from None


def _first(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _body(form: FormData, attached: list[dict[str, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {name: said for name in _TEXTS if (said := _first(form, name).strip())}
    for name in _NUMBERS:
        said = _first(form, name).strip()
        if said:
            body[name] = _number(said)
    if _first(form, "symptom") == "" and (other := _first(form, "symptom_other")):
        body["symptom"] = other
    body |= {name: True for name in _FLAGS if _first(form, name)}
    _add_workloads(form, body)
    _add_times(form, body)
    if attached:
        body["evidence"] = attached
    return body


def _add_workloads(form: FormData, body: dict[str, Any]) -> None:
    """Add the workloads ticked; a list of which none is ticked does not mean all of them, but a slip."""
    names = [name for name in form.getlist("workloads") if isinstance(name, str)]
    if names:
        body["workloads"] = names
    elif _first(form, "ticks"):
        raise InvalidRequest(FieldFault("/workloads", "tick at least one"))


def _add_times(form: FormData, body: dict[str, Any]) -> None:
    performed = _first(form, "performed_at").strip()
    if performed:
        body["performed_at"] = _with_zone(performed, _first(form, "zone"))
    label, time = _first(form, "recovery_label").strip(), _first(form, "recovery_time").strip()
    if label or time:
        point = {"label": label, "time": _with_zone(time, _first(form, "zone"))}
        body["recovery_point"] = {name: said for name, said in point.items() if said}


def _with_zone(local: str, zone: str) -> str:
    """Give a field's local time as RFC 3339, in the zone that the module named (minutes east of UTC), else in UTC."""
    sign, minutes = ("-", zone[1:]) if zone.startswith("-") else ("", zone)
    east = int(sign + minutes) if minutes.isdecimal() and len(minutes) < 4 else 0  # noqa: PLR2004 - three digits do
    if abs(east) > _MAX_ZONE:
        east = 0
    try:
        return datetime.fromisoformat(local).replace(tzinfo=timezone(timedelta(minutes=east))).isoformat()
    except ValueError:
        return local  # the check of the body says that it is no time


async def evidence_of(form: FormData) -> EvidenceBody:
    """Give what a form attaches, for whom and where, to be checked before anything is sent; raises InvalidRequest."""
    named = [name for name in form.getlist("workloads") if isinstance(name, str)]
    body: dict[str, Any] = {"evidence": [one async for one in _files(form)]}
    if at := _first(form, "action") or _first(form, "at"):
        body["at"] = at
    if named:
        body["workloads"] = named
    checked = parse(json.dumps(body).encode())
    try:
        return EVIDENCE.validate_python(checked)
    except ValidationError as error:
        raise invalid_request(error, body=checked) from None


def declaration_of(form: FormData) -> tuple[ExecutionBody, dict[str, Any]]:
    """Give the declaration that a form posts, and its body as the API would take it; raises InvalidRequest."""
    body: dict[str, Any] = {
        name: said
        for name in ("runbook", "mode", "title", "protected_set", "command_profile")
        if (said := _first(form, name).strip())
    }
    began = _first(form, "outage_started_at").strip()
    if began:
        body["outage_started_at"] = _with_zone(began, _first(form, "zone"))
    body["parameters"] = {
        name.removeprefix("parameter-"): said
        for name in form
        if name.startswith("parameter-") and (said := _first(form, name).strip())
    }
    named = [line.strip() for line in _first(form, "workloads").splitlines() if line.strip()]
    if named or "protected_set" not in body:
        body["workloads"] = [{"name": name} for name in named]
    body["policy"] = {name: said for name in ("four_eyes", "evidence") if (said := _first(form, name))}
    body["targets"] = {name: _number(said) for name in _TARGETS if (said := _first(form, name).strip())}
    checked = parse(json.dumps(body).encode())
    try:
        return EXECUTION.validate_python(checked), body
    except ValidationError as error:
        raise invalid_request(error, body=checked) from None


def _number(said: str) -> int | str:
    """Give a whole number, or what was typed: the check of the body then says what is wrong with it."""
    return int(said) if said.isdecimal() and len(said) < _DIGITS else said


async def _files(form: FormData) -> Any:
    """Give what is attached, as bodies have it: pasted output, a link, files as text."""
    content, name = _first(form, "evidence_content"), _first(form, "evidence_name").strip()
    if content.strip():
        yield {"kind": "output", "content": content, **({"name": name} if name else {})}
    link = _first(form, "evidence_href").strip()
    if link:
        yield {"kind": "link", "href": link}
    for file in form.getlist("evidence_file"):
        if isinstance(file, UploadFile) and file.filename:
            yield {"kind": "output", "name": file.filename, "content": _as_text(await file.read())}


def _as_text(raw: bytes) -> str:
    """Give a file's text; PowerShell's `>` writes UTF-16, everything else here is UTF-8."""
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidRequest(FieldFault("/evidence/0/content", "cannot be read as text")) from None
