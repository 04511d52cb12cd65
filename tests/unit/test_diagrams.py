"""A machine is drawn so that it can be read: one way down, few ways back, and where the execution stands."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from app.domain.runbook import (
    Action,
    Kind,
    OnLoss,
    Order,
    Origin,
    Picture,
    Replication,
    Runbook,
    RunbookKind,
    SecondaryLoss,
    SignOffMeaning,
    Site,
    SitePictures,
    Standing,
    Step,
    Text,
)
from app.web.diagrams import CONTENT_SECURITY_POLICY, Edge, mermaid, svg
from app.web.diagrams.chart import chart_of
from app.web.diagrams.layout import CARD, layout_of
from app.web.diagrams.style import STYLE

SVG = "{http://www.w3.org/2000/svg}"


def text(en: str) -> Text:
    return Text(en=en, fr=f"{en} (fr)")


def action(name: str, kind: Kind = Kind.TASK, *, irreversible: bool = False, optional: bool = False) -> Action:
    return Action(
        id=name,
        kind=kind,
        origin=Origin.SEED if kind is Kind.TASK else Origin.ADDITION,
        title=text(f'Do "{name}" <now> & well: #1'),
        instruction=text("…"),
        irreversible=irreversible,
        optional=optional,
        per_workload=optional,
    )


def step(name: str, *actions: Action, order: Order = Order.STRICT) -> Step:
    meaning = SignOffMeaning(approve=text("yes"), reject=text("no"))
    return Step(
        id=name,
        title=text(f"Step {name}"),
        phase="p",
        expected_minutes=5,
        actions=actions,
        sign_off=meaning,
        order=order,
    )


NOWHERE = Standing(site=Site.NONE, replication=Replication.NONE)
PICTURE = Picture(vmm=NOWHERE, workloads=NOWHERE)
RUNBOOK = Runbook(
    id="made-up",
    version="1.2.3",
    kind=RunbookKind.PROCEDURE,
    title=text("Made up & <small>"),
    parameters=(),
    command_profiles=(),
    phases=(),
    steps=(
        step(
            "fail-over",
            action("fence", Kind.GATE),
            action("fail-over"),
            action("asr-only"),
            action("commit", irreversible=True),
        ),
        step("look", action("a"), action("b"), order=Order.ANY),
        step("fail-back", action("check-it", Kind.CHECK, optional=True), action("fail-back")),
    ),
    site_picture=SitePictures(steady=PICTURE, outage=PICTURE),
    on_loss=OnLoss(
        secondary_lost=SecondaryLoss(
            since="fail-over.fail-over",
            refused=text("nothing there"),
            running_at_secondary=text("gone"),
            running_nowhere=text("nowhere"),
            recovery_points=text("points"),
            running_at_primary=text("runs on"),
        )
    ),
)
POSITIONS = [position for position in RUNBOOK.positions if position != "fail-over.asr-only"]


def edges() -> Iterator[Edge]:
    for source, dest in pairwise([*POSITIONS, "completed"]):
        event = "sign_off" if source.endswith(".sign-off") else "confirm"
        yield Edge(event, source, dest)
        yield Edge("confirm", source, source)
        yield Edge("abort", source, "aborted")
    yield Edge("confirm", "fail-over.fail-over", "fail-over.sign-off")  # passes over the commit
    yield Edge("sign_off", "fail-over.sign-off", "fail-over.fence")  # a rejection
    for source in POSITIONS[1:4]:
        yield Edge("undo", source, "fail-over.fail-over")
        yield Edge("secondary_lost", source, "escalated")
    yield Edge("undo", "fail-back.fail-back", "fail-back.fail-back")
    for source in ("look.items", "look.sign-off", "fail-back.check-it", "fail-back.fail-back"):
        yield Edge("primary_lost", source, "fail-over.fence")
    yield Edge("primary_lost", "fail-back.fail-back", "look.items")


EDGES = list(edges())


def drawn(mark: str | None = None, *, language: str = "en") -> ET.Element:
    return ET.fromstring(svg(RUNBOOK, language=language, transitions=EDGES, mark=mark))  # noqa: S314 - our own


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_the_way_down_takes_the_nearest_next_position() -> None:
    chart = chart_of(RUNBOOK, language="en", transitions=EDGES, mark=None)
    assert [edge.source for edge in chart.path] == POSITIONS
    assert [edge.dest for edge in chart.path] == [*POSITIONS[1:], "completed"]


def test_ways_back_are_collapsed() -> None:
    chart = chart_of(RUNBOOK, language="en", transitions=EDGES, mark=None)
    assert [(way.sources[0], way.sources[-1], way.dest) for way in chart.undos] == [
        ("fail-over.fail-over", "fail-over.sign-off", "fail-over.fail-over"),
        ("fail-back.fail-back", "fail-back.fail-back", "fail-back.fail-back"),
    ]
    assert [(way.sources, way.dest) for way in chart.losses] == [
        (("look", "fail-back"), "fail-over"),
        (("fail-back",), "look"),
    ]


def test_what_the_profile_lacks_is_not_drawn_but_keeps_its_number() -> None:
    chart = chart_of(RUNBOOK, language="en", transitions=EDGES, mark=None)
    assert [station.number for station in chart.stages[0].stations] == ["1.1", "1.2", "1.4", "1.5"]


def test_without_transitions_every_position_is_drawn() -> None:
    chart = chart_of(RUNBOOK, language="en", transitions=[], mark=None)
    assert [station.position for station in chart.stations] == list(RUNBOOK.positions)
    assert svg(RUNBOOK, language="en", transitions=[])
    assert mermaid(RUNBOOK, language="en", transitions=[])


def test_mermaid_uses_plain_ids_and_harmless_labels() -> None:
    lines = mermaid(RUNBOOK, language="en", transitions=EDGES, mark="fail-over.commit").splitlines()
    states = [line for line in lines if line.startswith("    state ")]
    assert len(states) == len(POSITIONS) + 3
    for line in states:
        assert re.fullmatch(r'    state "[^"<>]+" as (s\d+_\d+|completed|aborted|escalated)', line)
    for line in lines:
        if "-->" in line:
            assert re.fullmatch(r"    (\[\*\]|\w+) --> (\[\*\]|\w+)( : [^:;#\"<>]+)?", line)


def test_mermaid_marks_the_position() -> None:
    lines = mermaid(RUNBOOK, language="fr", transitions=EDGES, mark="fail-over.commit").splitlines()
    assert "    class s1_4 here" in lines
    assert [line for line in lines if "▶ ICI" in line and line.endswith(" as s1_4")]
    assert (
        "    class completed here" in mermaid(RUNBOOK, language="en", transitions=EDGES, mark="completed").splitlines()
    )
    assert " here" not in mermaid(RUNBOOK, language="en", transitions=EDGES)


def test_mermaid_draws_the_way_down_undo_and_loss() -> None:
    lines = [line.strip() for line in mermaid(RUNBOOK, language="en", transitions=EDGES).splitlines()]
    assert "[*] --> s1_1 : declare" in lines
    assert "s1_2 --> s1_4 : confirm" in lines
    assert "s1_5 --> s2_1 : sign_off" in lines
    assert "s3_3 --> completed : sign_off" in lines
    assert "s1_5 --> s1_2 : undo (1.2 … 1.5)" in lines
    assert "s3_2 --> s3_2 : undo (3.2)" in lines
    assert "s3_1 --> s1_1 : primary_lost" in lines
    assert sum(" : abort" in line for line in lines) == 0


@pytest.mark.parametrize("mark", [None, *POSITIONS, "completed", "aborted", "escalated"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_svg_is_whole_and_marks_the_position_with_a_word(mark: str | None, language: str) -> None:
    root = drawn(mark, language=language)
    word = {"en": "HERE", "fr": "ICI"}[language]
    in_legend = 1
    assert sum(word in line for line in texts(root)) == in_legend + (mark is not None)
    assert len(root.findall(f"{SVG}rect[@class='here']")) == (mark is not None)
    description = root.findtext(f"{SVG}desc") or ""
    assert ("stands at" in description or "se trouve" in description) == (mark is not None)


def test_the_svg_says_what_it_shows() -> None:
    root = drawn("fail-back.check-it")
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Made up & <small>"
    assert (root.findtext(f"{SVG}desc") or "").endswith('3.1 Do "check-it" <now> & well: #1.')
    shown = texts(root)
    assert 'Do "commit" <now> & well: #1' in shown
    assert "task · irreversible" in shown
    assert "check · added · each workload · optional" in shown
    assert "Items, in any order" in shown
    assert "Once 1.2 is confirmed, losing the secondary site ends the execution as escalated." in shown


def test_the_svg_loads_and_runs_nothing() -> None:
    root = drawn("look.items")
    allowed = {"svg", "title", "desc", "style", "rect", "path", "circle", "text", "tspan"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == allowed
    for element in root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "href")]
    assert "url(" not in STYLE
    assert not set("<>&") & set(STYLE)
    assert root.findtext(f"{SVG}style") == STYLE
    assert "style-src 'sha256-" in CONTENT_SECURITY_POLICY


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    odd = replace(RUNBOOK, title=text("a\x00b\uffff\u202ec"))
    root = ET.fromstring(svg(odd, language="en", transitions=EDGES))  # noqa: S314 - our own
    assert texts(root)[0] == "abc"


def test_long_titles_are_wrapped_and_headings_squeezed() -> None:
    long = "A very long title that goes on and on, " * 5
    only = action("x")
    steps = (replace(RUNBOOK.steps[0], title=text(long), actions=(replace(only, title=text(long)),)),)
    wordy = replace(RUNBOOK, title=text(long), steps=steps)
    layout = layout_of(chart_of(wordy, language="en", transitions=[], mark="fail-over.x"))
    assert len(layout.rows["fail-over.x"].lines) > 2
    root = ET.fromstring(svg(wordy, language="en", transitions=[]))  # noqa: S314 - our own
    assert len([element for element in root.iter() if element.get("textLength")]) == 2


def test_ways_back_beside_each_other_run_in_lanes_of_their_own() -> None:
    layout = layout_of(chart_of(RUNBOOK, language="en", transitions=EDGES, mark=None))
    assert sorted(lane.place for lane in layout.losses) == [0, 1]
    assert [lane.place for lane in layout.undos] == [0, 0]
    assert layout.width >= layout.left + CARD


def test_a_way_forward_is_drawn_too() -> None:
    """Nothing says that a loss leads up: a runbook's table may name a later step."""
    ahead = [*EDGES, Edge("primary_lost", "fail-over.fence", "fail-back.check-it")]
    root = ET.fromstring(svg(RUNBOOK, language="en", transitions=ahead))  # noqa: S314 - our own
    assert len(root.findall(f"{SVG}circle[@class='loss-tip']")) == 4
