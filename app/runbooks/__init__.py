"""The runbook definitions, one YAML file each with its texts in both languages, and their reader."""

from app.runbooks.reader import (
    FileFault,
    RunbookFault,
    accept_content,
    build_runbook,
    bundled_runbooks,
    parse_runbook,
    read_runbook,
)

__all__ = [
    "FileFault",
    "RunbookFault",
    "accept_content",
    "build_runbook",
    "bundled_runbooks",
    "parse_runbook",
    "read_runbook",
]
