"""What is worth drawing of a machine: the way down its positions, and the ways back, collapsed to be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.runbook import (
    ABORTED,
    COMPLETED,
    ESCALATED,
    ITEMS,
    SIGN_OFF,
    TERMINAL,
    Action,
    Order,
    Origin,
    Runbook,
    Step,
)
from app.domain.vocabulary import DRILL
from app.web.diagrams.words import WORDS


@dataclass(frozen=True, slots=True)
class Edge:
    """One transition of the machine: an event's type, and the positions it leads from and to."""

    event: str
    source: str
    dest: str


@dataclass(frozen=True, slots=True)
class Station:
    """One position of a step. `number` counts it ("2.4"); `shape` is its kind, or `sign-off`, or `items`."""

    position: str
    number: str
    shape: str
    title: str
    tags: tuple[str, ...]
    irreversible: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One step with its stations in order."""

    step_id: str
    number: int
    title: str
    stations: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class WayBack:
    """All transitions of one kind to one place; an undo's places are positions, a loss's are steps."""

    event: str
    sources: tuple[str, ...]  # in the runbook's order
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What both renderers draw."""

    title: str
    version: str
    words: Mapping[str, str]
    stages: tuple[Stage, ...]
    path: tuple[Edge, ...]  # the way down: each position's nearest next
    undos: tuple[WayBack, ...]
    losses: tuple[WayBack, ...]
    ends: tuple[str, ...]  # the terminal positions that the machine has
    notes: tuple[str, ...]
    mark: str | None  # where the execution stands

    @property
    def stations(self) -> Iterator[Station]:
        """All stations in order."""
        return (station for stage in self.stages for station in stage.stations)

    def summary(self) -> str:
        """Give the drawing in one sentence, for who cannot see it."""
        count = sum(1 for _ in self.stations)
        said = self.words["summary"].format(steps=len(self.stages), positions=count)
        if self.mark is None:
            return said
        here = next((f"{one.number} {one.title}" for one in self.stations if one.is_here), self.words.get(self.mark))
        return f"{said} {self.words['stands at'].format(here=here)}"


def chart_of(runbook: Runbook, *, language: str, transitions: Iterable[Edge], mark: str | None) -> Chart:
    """Choose what to draw of a machine.

    Args:
        runbook: the definition the machine was built from.
        language: `en` or `fr`.
        transitions: all edges of the machine of one command profile; positions it lacks are not drawn.
        mark: the position to show as the current one, or None.
    """
    edges = list(dict.fromkeys(transitions))
    known = _positions(edges) or set(runbook.positions)
    words = WORDS.get(language, WORDS["en"])
    rank = {position: place for position, place in runbook.rank.items() if position in known}
    stages = tuple(_stages(runbook, language=language, words=words, known=known, mark=mark))
    undos = _ways_back(_undos(runbook, edges), order=list(rank))
    lost = [
        Edge(edge.event, _step_id(edge.source), _step_id(edge.dest))
        for edge in edges
        if edge.event == "primary_lost" and edge.dest in rank and edge.dest not in TERMINAL
    ]
    rare = set(_rare_losses(runbook))
    lost = [edge for edge in lost if (edge.source, edge.dest) not in rare]
    return Chart(
        title=(words["drill"] if runbook.mode == DRILL else "") + runbook.title.in_language(language),
        version=words["version"].format(version=runbook.version),
        words=words,
        stages=stages,
        path=tuple(_path(edges, rank=rank)),
        undos=undos,
        losses=_ways_back(lost, order=[step.id for step in runbook.steps]),
        ends=tuple(end for end in (COMPLETED, ABORTED, ESCALATED) if end in known or end == mark),
        notes=tuple(_notes(runbook, edges, words=words, rank=rank, stages=stages)),
        mark=mark,
    )


def _positions(edges: Iterable[Edge]) -> set[str]:
    """Give the positions one can go on from, and the ends: an action that the profile lacks is neither."""
    onward = {edge.source for edge in edges if edge.event in {"confirm", "sign_off"}}
    return onward | {edge.dest for edge in edges if edge.dest in TERMINAL}


def _undos(runbook: Runbook, edges: Iterable[Edge]) -> Iterator[Edge]:
    """Give the undo edges up to what closes the undo; beyond, only a waived closing leaves it open."""
    closing: dict[str, int] = {}
    for action in runbook.actions.values():
        if action.undo is not None:
            until = [runbook.rank[place] for place in action.undo.until]
            closing[action.undo.to] = max([closing.get(action.undo.to, 0), *until])
    return (
        edge
        for edge in edges
        if edge.event == "undo" and runbook.rank[edge.source] <= closing.get(edge.dest, runbook.rank[edge.source])
    )


def _rare_losses(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """Give (step, landing) before what the answer waits for: only a workload taken back leads there, as undo above."""
    rules = runbook.on_loss.primary_lost
    usual = {(rule.step, rule.to) for rule in rules}
    for rule in rules:
        if rule.step is None and rule.since is not None and rule.to is not None:
            before = runbook.steps[: runbook.number_of(_step_id(rule.since)) - 1]
            yield from ((step.id, rule.to) for step in before if (step.id, rule.to) not in usual)


def _step_id(position: str) -> str:
    return position.partition(".")[0]


def _stages(
    runbook: Runbook, *, language: str, words: Mapping[str, str], known: set[str], mark: str | None
) -> Iterator[Stage]:
    for number, step in enumerate(runbook.steps, 1):
        stations = []
        for place, (name, action) in enumerate(_places(step), 1):
            position = f"{step.id}.{name}"
            count = [f"× {len(step.actions)}"] if name == ITEMS else []
            if position in known:
                stations.append(
                    Station(
                        position=position,
                        number=f"{number}.{place}",
                        shape=action.kind.value if action else name,
                        title=action.title.in_language(language) if action else words[name.capitalize()],
                        tags=tuple(_tags(action, words=words) if action else count),
                        irreversible=action is not None and action.irreversible,
                        is_here=position == mark,
                    )
                )
        if stations:
            yield Stage(step.id, number, step.title.in_language(language), tuple(stations))


def _places(step: Step) -> Iterator[tuple[str, Action | None]]:
    """The names of a step's positions with their actions; numbers count them all, whatever the profile lacks."""
    if step.order is Order.ANY:
        yield ITEMS, None
    else:
        yield from ((action.id, action) for action in step.actions)
    yield SIGN_OFF, None


def _tags(action: Action, *, words: Mapping[str, str]) -> Iterator[str]:
    yield words[action.kind]
    if action.origin is Origin.ADDITION:
        yield words["addition"]
    if action.per_workload:
        yield words["per workload"]
    if action.optional:
        yield words["optional"]


def _path(edges: Sequence[Edge], *, rank: Mapping[str, int]) -> Iterator[Edge]:
    """The nearest next position of each: a confirm may also pass over some, and a part of it stays."""
    ahead: dict[str, Edge] = {}
    for edge in edges:
        if edge.event not in ("confirm", "sign_off") or edge.source not in rank or edge.dest not in rank:
            continue
        best = ahead.get(edge.source)
        if rank[edge.dest] > rank[edge.source] and (best is None or rank[edge.dest] < rank[best.dest]):
            ahead[edge.source] = edge
    return (ahead[position] for position in rank if position in ahead)


def _ways_back(edges: Iterable[Edge], *, order: Sequence[str]) -> tuple[WayBack, ...]:
    """Collapse to one way for each event and place it leads to."""
    place = {name: at for at, name in enumerate(order)}
    ways: dict[tuple[str, str], set[str]] = {}
    for edge in edges:
        if edge.source in place and edge.dest in place:
            ways.setdefault((edge.event, edge.dest), set()).add(edge.source)
    return tuple(
        WayBack(event, tuple(sorted(sources, key=place.__getitem__)), dest)
        for (event, dest), sources in sorted(ways.items(), key=lambda way: place[way[0][1]])
    )


def _notes(
    runbook: Runbook,
    edges: Sequence[Edge],
    *,
    words: Mapping[str, str],
    rank: Mapping[str, int],
    stages: Sequence[Stage],
) -> Iterator[str]:
    """The sentences that stand for the transitions not drawn as lines."""
    events = {edge.event for edge in edges}
    if any(edge.event == "sign_off" and rank.get(edge.dest, 0) < rank.get(edge.source, 0) for edge in edges):
        yield words["reject note"]
    loss = runbook.on_loss.secondary_lost
    stations = [one for stage in stages for one in stage.stations]
    since = next((one.number for one in stations if loss is not None and one.position == loss.since), None)
    if since is not None:
        yield words["secondary_lost note"].format(since=since)
    if "abort" in events:
        yield words["abort note"]
