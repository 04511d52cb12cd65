"""The machine as Mermaid `stateDiagram-v2` text.

States are flat, not nested by step: Mermaid draws no transition between states of two composite ones.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from app.domain.runbook import Runbook
from app.web.diagrams.chart import Chart, Edge, Station, chart_of

#: What ends or opens something in a label; replaced by its look-alike, since Mermaid 11 shows its own entity codes in
#: state labels undecoded.
_SPECIAL: Final = str.maketrans({'"': "\u201d", "<": "\u2039", ">": "\u203a"})
_ENTITY: Final = re.compile(r"#(?=\w+;)")


def mermaid(runbook: Runbook, *, language: str, transitions: Iterable[Edge], mark: str | None = None) -> str:
    """Give the Mermaid text of a machine.

    Args:
        runbook: the definition the machine was built from.
        language: of the titles, `en` or `fr`.
        transitions: all edges of the machine; those worth drawing are chosen here.
        mark: the position to show as the current one, or None.
    """
    chart = chart_of(runbook, language=language, transitions=transitions, mark=mark)
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    yield from ("---", f"title: {json.dumps(_text(chart.title), ensure_ascii=False)}", "---", "stateDiagram-v2")
    yield "    direction TB"
    ids = {station.position: _id(station) for station in chart.stations}
    stations = {station.position: station for station in chart.stations}
    for station in chart.stations:
        yield f'    state "{_text(_label(station, chart))}" as {ids[station.position]}'
    for end in chart.ends:
        here = f"▶ {chart.words['here']} · " if end == chart.mark else ""
        yield f'    state "{_text(here + chart.words[end])}" as {end}'
        ids[end] = end
    if chart.stages:
        yield f"    [*] --> {ids[chart.stages[0].stations[0].position]} : declare"
    for edge in chart.path:
        yield f"    {ids[edge.source]} --> {ids[edge.dest]} : {edge.event}"
    for way in chart.undos:
        first, last = stations[way.sources[0]].number, stations[way.sources[-1]].number
        where = first if first == last else f"{first} … {last}"
        yield f"    {ids[way.sources[-1]]} --> {ids[way.dest]} : undo ({where})"
    firsts = {stage.step_id: ids[stage.stations[0].position] for stage in chart.stages}
    for way in chart.losses:
        for source in way.sources:
            yield f"    {firsts[source]} --> {firsts[way.dest]} : primary_lost"
    yield from (f"    {end} --> [*]" for end in chart.ends)
    if chart.notes and chart.stages:
        yield f"    note left of {ids[chart.stages[0].stations[0].position]}"
        yield from (f"        {_text(note)}" for note in chart.notes)
        yield "    end note"
    if chart.mark in ids:
        yield "    classDef here stroke-width:4px,font-weight:bold"
        yield f"    class {ids[chart.mark]} here"


def _id(station: Station) -> str:
    """Numbers alone: ids of runbooks hold dashes, at which Mermaid breaks."""
    return "s" + station.number.replace(".", "_")


def _label(station: Station, chart: Chart) -> str:
    words = [chart.words["irreversible"]] if station.irreversible else []
    tags = ", ".join([*station.tags, *words])
    here = f"▶ {chart.words['here']} · " if station.is_here else ""
    return f"{here}{station.number} {station.title}" + (f" ({tags})" if tags else "")


def _text(text: str) -> str:
    return " ".join(_ENTITY.sub("# ", text).translate(_SPECIAL).split())
