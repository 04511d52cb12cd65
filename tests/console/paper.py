"""The text of a PDF as Chromium writes it, page by page: enough to see what stands on each sheet."""

import re
import zlib
from collections.abc import Iterator

DIGITS = 4  # hexadecimal ones of a glyph's number


def pages(raw: bytes) -> list[str]:
    """Give the text of each page."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", raw, re.DOTALL)}
    return ["".join(_said(body, objects)) for body in objects.values() if re.search(rb"/Type /Page\b", body)]


def _said(page: bytes, objects: dict[int, bytes]) -> Iterator[str]:
    fonts: dict[bytes, dict[int, str]] = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", page):
        letters = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        fonts[name] = _letters(_stream(objects[int(letters[1])])) if letters else {}
    current: dict[int, str] = {}
    for number in re.findall(rb"/Contents (\d+) 0 R", page):
        drawn = _stream(objects[int(number)])
        for font, shown in re.findall(rb"/(F\d+) [\d.]+ Tf|((?:<[0-9A-F]+>|\[[^\]]*\]) T[jJ])", drawn):
            current = fonts.get(font, {}) if font else current
            for run in re.findall(rb"<([0-9A-F]+)>", shown):
                glyphs = (int(run[at : at + DIGITS], 16) for at in range(0, len(run), DIGITS))
                yield "".join(current.get(glyph, "?") for glyph in glyphs)


def _stream(body: bytes) -> bytes:
    length, start = re.search(rb"/Length (\d+)", body), re.search(rb"stream\r?\n", body)
    assert length
    assert start
    content = body[start.end() : start.end() + int(length[1])]
    return zlib.decompress(content) if b"FlateDecode" in body[: start.start()] else content


def _letters(table: bytes) -> dict[int, str]:
    """Give what each glyph stands for."""
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar\n(.*?)endbfchar", table, re.DOTALL):
        for glyph, text in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange\n(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]+)>", block):
            for more in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + more] = chr(int(text, 16) + more)
    return found
