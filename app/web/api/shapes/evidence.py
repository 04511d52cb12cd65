"""What came of checking evidence."""

from typing import Literal

from app.web.api.shapes.base import Answer


class Met(Answer):
    """An expectation that is shown: its place among the action's, and of whom."""

    expectation: int
    about: str


class Finding(Answer):
    """What an output shows instead."""

    about: str
    field: str
    expected: str
    found: str


class Check(Answer):
    """The verdict on one output."""

    verdict: Literal["met", "not_met", "not_recognised"]
    met: list[Met]
    findings: list[Finding]
    warnings: list[str]
    why: str | None


class EvidenceChecks(Answer):
    """The verdicts, in the order of the evidence; null where nothing can be checked."""

    at: str
    checks: list[Check | None]
    lacking: list[str]
