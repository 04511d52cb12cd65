"""A few shapes over an XML tree: text is escaped by the tree, never by hand."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from app.domain.unseen import UNSEEN

_NOT_XML: Final = re.compile("[\ufffe\uffff]")
_NARROW: Final = frozenset("iljtfrI.,:;'’|!()[] ")
_WIDE: Final = frozenset("mwMW@%…—")


class Canvas:
    """An SVG tree that grows; coordinates are pixels from the upper left corner."""

    def __init__(self) -> None:
        """Begin with an empty drawing."""
        self.root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "fbd"})

    def add(self, tag: str, css: str = "", **attributes: float | str) -> ET.Element:
        """Add an element of a class; numbers are written short."""
        given = {name.replace("_", "-"): _short(value) for name, value in attributes.items()}
        return ET.SubElement(self.root, tag, {"class": css, **given} if css else given)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        css: str = "",
        *,
        anchor: str = "start",
        turned: bool = False,
        within: tuple[float, float] | None = None,
    ) -> ET.Element:
        """Write a line whose baseline is at `y`.

        `turned` runs it upwards; `within` is a width and the type's size: a longer text is squeezed into that width.
        """
        element = self.add("text", css, x=x, y=y)
        element.text = clean(text)
        if anchor != "start":
            element.set("text-anchor", anchor)
        if turned:
            element.set("transform", f"rotate(-90 {_short(x)} {_short(y)})")
        if within is not None and width_of(element.text, within[1]) > within[0]:
            element.attrib.update(textLength=_short(within[0]), lengthAdjust="spacingAndGlyphs")
        return element

    def rect(self, x: float, y: float, width: float, height: float, css: str, *, radius: float = 0) -> None:
        """Draw a rectangle with rounded corners."""
        self.add("rect", css, x=x, y=y, width=width, height=height, rx=radius)

    def path(self, css: str, *parts: float | str) -> None:
        """Draw a path of commands and numbers."""
        self.add("path", css, d=" ".join(_short(part) for part in parts))


def clean(text: str) -> str:
    """Leave out what XML cannot hold or nobody can see, on one line."""
    return " ".join(_NOT_XML.sub("", UNSEEN.sub("", text)).split())


def width_of(text: str, size: float) -> float:
    """Estimate a text's width, on the safe side: the font is the reader's own."""
    return sum(_share(character) for character in text) * size


def wrapped(text: str, *, width: float, size: float) -> Iterator[str]:
    """Break a text into lines of at most `width`, at blanks; a longer word stays whole."""
    line = ""
    for word in clean(text).split(" "):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.33
    if character in _WIDE or ord(character) > 0x2E80:  # noqa: PLR2004 - ideographs begin here
        return 1.0
    return 0.7 if character.isupper() else 0.57


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
