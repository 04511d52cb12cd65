"""Where everything stands in the SVG: heights of rows and cards, and lanes for the ways back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.web.diagrams.canvas import width_of, wrapped
from app.web.diagrams.chart import Chart, Station, WayBack

MARGIN: Final = 24.0
TOP: Final = 150.0  # below title and legend
CARD: Final = 680.0  # width of a step
HEAD: Final = 38.0  # height of a step's heading
ROW: Final = 30.0
LINE: Final = 18.0  # each further line of a title
FOOT: Final = 8.0
GAP: Final = 24.0  # between two steps
LANE: Final = 28.0  # between two ways back beside each other
FLAG: Final = 26.0  # how far the mark reaches out of the card
LINE_AT: Final = 42.0  # the way down, from the card's left edge
NUMBER_AT: Final = 66.0
TITLE_AT: Final = 98.0
TITLE_SIZE: Final = 14.0
BOLDER: Final = 1.12  # how much wider bold type runs
SMALL: Final = 12.0


@dataclass(frozen=True, slots=True)
class Row:
    """One position: its middle, its height, its title broken into lines."""

    middle: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One step's box: where it begins and ends."""

    top: float
    bottom: float

    @property
    def head(self) -> float:
        """The middle of its heading."""
        return self.top + HEAD / 2


@dataclass(frozen=True, slots=True)
class Lane:
    """A way back: the height it leads to, those it leads from, and how far out it runs (0 = nearest to the cards)."""

    way: WayBack
    dest: float
    sources: tuple[float, ...]
    place: int

    @property
    def span(self) -> tuple[float, float]:
        """Its highest and lowest point."""
        return min(self.dest, *self.sources), max(self.dest, *self.sources)

    @property
    def gap(self) -> tuple[float, float]:
        """The middle and the length of its longest stretch that nothing joins: where a label disturbs least."""
        joints = sorted({self.dest, *self.sources})
        stretches = [(low, high) for low, high in pairwise(joints)] or [(self.dest, self.dest)]
        low, high = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
        return (low + high) / 2, high - low


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All places of one drawing, in pixels."""

    left: float  # of the cards
    width: float
    rows: Mapping[str, Row]  # by position
    cards: Mapping[str, Card]  # by step
    undos: tuple[Lane, ...]
    losses: tuple[Lane, ...]
    bottom: float  # of the last card

    @property
    def right(self) -> float:
        """The right edge of the cards."""
        return self.left + CARD

    @property
    def line(self) -> float:
        """Where the way down runs."""
        return self.left + LINE_AT


def layout_of(chart: Chart) -> Layout:
    """Set every height and lane of a chart."""
    rows: dict[str, Row] = {}
    cards: dict[str, Card] = {}
    y = TOP
    for stage in chart.stages:
        top = y
        y += HEAD
        for station in stage.stations:
            size = TITLE_SIZE * (BOLDER if station.is_here else 1)
            lines = tuple(wrapped(station.title, width=_title_width(station, chart), size=size))
            height = ROW + LINE * (len(lines) - 1)
            rows[station.position] = Row(y + height / 2, height, lines)
            y += height
        cards[stage.step_id] = Card(top, y + FOOT)
        y += FOOT + GAP
    undos = _lanes(chart.undos, heights={position: row.middle for position, row in rows.items()})
    losses = _lanes(chart.losses, heights={step: card.head for step, card in cards.items()})
    left = MARGIN + max(FLAG, LANE * _count(losses))
    right = max(MARGIN, LANE * _count(undos) + MARGIN)
    return Layout(
        left=left,
        width=left + CARD + right,
        rows=rows,
        cards=cards,
        undos=undos,
        losses=losses,
        bottom=y - GAP,
    )


def tags_of(station: Station) -> str:
    """Give what is told of a position beside its title, but that it is irreversible."""
    return " · ".join([*station.tags, *([""] if station.tags and station.irreversible else [])])


def _title_width(station: Station, chart: Chart) -> float:
    tags = tags_of(station) + (chart.words["irreversible"] if station.irreversible else "")
    return CARD - TITLE_AT - width_of(tags, SMALL) - 2 * MARGIN


def _lanes(ways: Sequence[WayBack], *, heights: Mapping[str, float]) -> tuple[Lane, ...]:
    """Give each way the innermost free lane, the short ones first."""
    wanted = [
        Lane(way, heights[way.dest], tuple(heights[source] for source in way.sources if source in heights), 0)
        for way in ways
        if way.dest in heights and any(source in heights for source in way.sources)
    ]
    placed: list[Lane] = []
    for lane in sorted(wanted, key=lambda one: one.span[1] - one.span[0]):
        top, bottom = lane.span
        taken = {one.place for one in placed if one.span[0] - ROW / 2 < bottom and top < one.span[1] + ROW / 2}
        place = next(place for place in range(len(placed) + 1) if place not in taken)
        placed.append(Lane(lane.way, lane.dest, lane.sources, place))
    return tuple(placed)


def _count(lanes: Sequence[Lane]) -> int:
    return 1 + max((lane.place for lane in lanes), default=-1)
