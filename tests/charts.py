"""Writes the state charts that the documents show; `make chart` runs it and a test says when it has to be run."""

from pathlib import Path

from app.domain.machine import machine_for
from app.runbooks import bundled_runbooks
from app.web.diagrams import Edge, svg

DOCS = Path(__file__).resolve().parents[1] / "docs"


def charts() -> dict[Path, str]:
    """Give each chart's file and what it has to hold."""
    drawn = {}
    for _, runbook in bundled_runbooks():
        course = runbook.for_mode("live")
        edges = [Edge(*edge) for edge in machine_for(course, course.profile_ids[0]).edges()]
        drawn[DOCS / f"{runbook.id}.svg"] = svg(course, language="en", transitions=edges) + "\n"
    return drawn


if __name__ == "__main__":
    for file, text in charts().items():
        file.write_text(text, encoding="utf-8")
