"""The machine as an SVG: the way down as a line through its steps, undo at its right, a new loss at its left."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from app.domain.runbook import COMPLETED, Runbook
from app.web.diagrams.canvas import Canvas, clean, width_of, wrapped
from app.web.diagrams.chart import Chart, Edge, Station, chart_of
from app.web.diagrams.layout import (
    CARD,
    FLAG,
    HEAD,
    LANE,
    LINE,
    LINE_AT,
    MARGIN,
    NUMBER_AT,
    SMALL,
    TITLE_AT,
    TITLE_SIZE,
    Lane,
    Layout,
    layout_of,
    tags_of,
)
from app.web.diagrams.style import STYLE

ASIDE = 5.0  # of a row's middle: where a way back begins or leads
BEND = 4.0  # the radius of its corners


def svg(runbook: Runbook, *, language: str, transitions: Iterable[Edge], mark: str | None = None) -> str:
    """Give the SVG document of a machine, with nothing to load and nothing that runs.

    Args:
        runbook: the definition the machine was built from.
        language: of the texts, `en` or `fr`.
        transitions: all edges of the machine; those worth drawing are chosen here.
        mark: the position to show as the current one, or None.
    """
    chart = chart_of(runbook, language=language, transitions=transitions, mark=mark)
    layout = layout_of(chart)
    canvas = Canvas()
    root = canvas.root
    root.set("role", "img")
    root.set("lang", language)
    canvas.add("title").text = clean(chart.title)
    canvas.add("desc").text = clean(chart.summary())
    canvas.add("style").text = STYLE
    paper = canvas.add("rect", "paper", x=0, y=0)
    _draw_heading(canvas, chart, layout)
    _draw_cards(canvas, chart, layout)
    _draw_path(canvas, chart, layout)
    for lane in layout.losses:
        _draw_lane(canvas, lane, css="loss", label=chart.words["primary_lost"], edge=layout.left, out=-1)
    for lane in layout.undos:
        _draw_lane(canvas, lane, css="undo", label=chart.words["undo"], edge=layout.right, out=1)
    for station in chart.stations:
        _draw_station(canvas, station, chart, layout)
    bottom = _draw_notes(canvas, chart, layout, y=_draw_ends(canvas, chart, layout))
    size = {"width": f"{layout.width:.0f}", "height": f"{bottom:.0f}"}
    root.attrib.update(size, viewBox=f"0 0 {size['width']} {size['height']}")
    paper.attrib.update(size)
    return ET.tostring(root, encoding="unicode") + "\n"


def _draw_heading(canvas: Canvas, chart: Chart, layout: Layout) -> None:
    """The title, and what the shapes and lines mean."""
    canvas.text(MARGIN, 42, chart.title, "title", within=(layout.width - 2 * MARGIN, 22))
    canvas.text(MARGIN, 63, chart.version, "muted small")
    x, y = MARGIN + 8, 92.0
    drawn = {station.shape for station in chart.stations}
    for shape in [one for one in ("gate", "task", "check", "items", "sign-off") if one in drawn]:
        _draw_shape(canvas, shape, x, y)
        canvas.text(x + 16, y + 4, chart.words[shape], "small")
        x += 46 + width_of(chart.words[shape], SMALL)
    x, y = MARGIN, 120.0
    for css in ("path", *(["undo"] if layout.undos else []), *(["loss"] if layout.losses else [])):
        word = chart.words["primary_lost" if css == "loss" else css]
        canvas.path(css, "M", x, y, "H", x + 30)
        _draw_tip(canvas, f"{css}-tip", x + 37, y, turn=0)
        canvas.text(x + 46, y + 4, word, "small")
        x += 76 + width_of(word, SMALL)
    _draw_flag(canvas, chart.words["here"], x + FLAG, y)
    canvas.text(x + FLAG + 42, y + 4, chart.words["position"], "small")


def _draw_cards(canvas: Canvas, chart: Chart, layout: Layout) -> None:
    for stage in chart.stages:
        card = layout.cards[stage.step_id]
        canvas.rect(layout.left, card.top, CARD, card.bottom - card.top, "card", radius=10)
        canvas.path(
            "head", "M", layout.left + 0.5, card.top + HEAD, "v", 10.5 - HEAD, "q", 0, -10, 10, -10,
            "h", CARD - 21, "q", 10, 0, 10, 10, "v", HEAD - 10.5, "z",
        )  # fmt: skip
        canvas.text(layout.left + NUMBER_AT, card.head + 5, stage.title, "step", within=(CARD - NUMBER_AT - MARGIN, 16))


def _draw_path(canvas: Canvas, chart: Chart, layout: Layout) -> None:
    """The way down, and the steps' numbers standing on it."""
    ends = {position: row.middle for position, row in layout.rows.items()} | {COMPLETED: layout.bottom + 30}
    for edge in chart.path:
        canvas.path("path", "M", layout.line, ends[edge.source], "V", ends[edge.dest])
        if edge.dest == COMPLETED:
            _draw_tip(canvas, "path-tip", layout.line, ends[COMPLETED] - 14, turn=90)
    for number, stage in enumerate(chart.stages):
        card = layout.cards[stage.step_id]
        canvas.path("path", "M", layout.line, card.head, "V", layout.rows[stage.stations[0].position].middle)
        if number:
            _draw_tip(canvas, "path-tip", layout.line, card.head - 14, turn=90)
        canvas.add("circle", "badge", cx=layout.line, cy=card.head, r=13)
        canvas.text(layout.line, card.head + 4.5, str(stage.number), "badge-text", anchor="middle")


def _draw_lane(canvas: Canvas, lane: Lane, *, css: str, label: str, edge: float, out: int) -> None:
    """One way back beside the cards: dots where it begins, a tip where it leads; `out` is 1 rightwards, -1 leftwards.

    Dots stand a little below a row's middle, the tip above: a position may be where one begins and another leads.
    """
    x = edge + out * (LANE * (lane.place + 1) - 8)
    dest = lane.dest - ASIDE
    begins = [source + ASIDE for source in lane.sources]
    for y in begins:
        rise = BEND if y < dest else -BEND
        canvas.path(css, "M", edge, y, "H", x - out * BEND, "q", out * BEND, 0, out * BEND, rise)
        canvas.add("circle", f"{css}-tip", cx=edge, cy=y, r=3.5)
    for far, turn in ((max(begins) - BEND, BEND), (min(begins) + BEND, -BEND)):
        if (far - dest) * turn > 0:
            canvas.path(css, "M", x, far, "V", dest + turn, "q", 0, -turn, -out * BEND, -turn, "H", edge + out * 10)
    middle, length = lane.gap
    if length > width_of(label, SMALL):
        canvas.text(x + 4, middle, label, f"{css}-tip halo", anchor="middle", turned=True)
    _draw_tip(canvas, f"{css}-tip", edge + out * 2, dest, turn=180 if out > 0 else 0)


def _draw_station(canvas: Canvas, station: Station, chart: Chart, layout: Layout) -> None:
    row = layout.rows[station.position]
    bold = " bold" if station.is_here else ""
    if station.is_here:
        top = row.middle - row.height / 2 + 1
        canvas.rect(layout.left + 4, top, CARD - 8, row.height - 2, "here", radius=6)
        canvas.path("path", "M", layout.line, top, "v", row.height - 2)
        _draw_flag(canvas, chart.words["here"], layout.left, row.middle)
    _draw_shape(canvas, station.shape, layout.line, row.middle)
    first = row.middle + 5 - LINE * (len(row.lines) - 1) / 2
    canvas.text(layout.left + NUMBER_AT, first, station.number, "number")
    for at, line in enumerate(row.lines):
        canvas.text(layout.left + TITLE_AT, first + at * LINE, line, f"name{bold}")
    tags = canvas.text(layout.right - 16, first, tags_of(station), "tags", anchor="end")
    if station.irreversible:
        last = ET.SubElement(tags, "tspan", {"class": "final"})
        last.text = chart.words["irreversible"]
        tags.text = f"{tags.text} " if tags.text else ""


def _draw_shape(canvas: Canvas, shape: str, x: float, y: float) -> None:
    """Gate: a diamond; task: a square; check: a ring; sign-off: a disc in a ring; several at once: three bars."""
    if shape == "gate":
        canvas.path("dot", "M", x, y - 9, "l", 9, 9, "l", -9, 9, "l", -9, -9, "z")
    elif shape == "task":
        canvas.rect(x - 7, y - 7, 14, 14, "dot", radius=2)
    elif shape == "items":
        canvas.rect(x - 8, y - 8, 16, 16, "dot", radius=8)
        canvas.path("path", "M", x - 4, y - 3, "h", 8, "m", -8, 6, "h", 8)
    else:
        canvas.add("circle", "dot", cx=x, cy=y, r=8)
        if shape == "sign-off":
            canvas.add("circle", "dot-core", cx=x, cy=y, r=4)


def _draw_flag(canvas: Canvas, word: str, x: float, y: float) -> None:
    """The mark of the current position: a pointer with the word, so that it needs no colour."""
    canvas.path(
        "flag", "M", x - FLAG + 4, y - 10, "H", x + LINE_AT - 22, "l", 9, 10, "l", -9, 10, "H", x - FLAG + 4, "z"
    )
    canvas.text(x - FLAG / 2 + (LINE_AT - 18) / 2, y + 4.5, word, "flag-text", anchor="middle")


def _draw_tip(canvas: Canvas, css: str, x: float, y: float, *, turn: int) -> None:
    """An arrow's tip at x, y that points rightwards, turned clockwise by degrees."""
    tip = canvas.add("path", css, d="M0 0 L-9 -5 L-9 5 z")
    tip.set("transform", f"translate({x:.1f} {y:.1f}) rotate({turn})")


def _draw_ends(canvas: Canvas, chart: Chart, layout: Layout) -> float:
    """The terminal positions beside each other, the first where the way down ends; gives the height below."""
    x, y = layout.left, layout.bottom + 30
    for end in chart.ends:
        marked = end == chart.mark
        word = f"▶ {chart.words['here']} · {chart.words[end]}" if marked else chart.words[end]
        width = max(2 * LINE_AT, width_of(word, TITLE_SIZE) + 36)
        canvas.rect(x, y - 14, width, 30, "here" if marked else "end", radius=15)
        canvas.text(x + width / 2, y + 6, word, "bold" if marked else "", anchor="middle")
        x += width + 16
    return y + 24 if chart.ends else layout.bottom


def _draw_notes(canvas: Canvas, chart: Chart, layout: Layout, *, y: float) -> float:
    """The sentences for what is not drawn as lines; gives the height of the whole."""
    of_lines = [("undo note", layout.undos), ("primary_lost note", layout.losses)]
    for note in (*(chart.words[key] for key, lanes in of_lines if lanes), *chart.notes):
        y += 8
        for number, line in enumerate(wrapped(note, width=CARD - 16, size=SMALL)):
            y += 17
            canvas.text(layout.left, y, "–" if number == 0 else "", "muted small")
            canvas.text(layout.left + 14, y, line, "muted small")
    return y + MARGIN
