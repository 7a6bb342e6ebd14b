"""Tables are read row by row, each cell with the heading of its column."""

import re
from collections.abc import Callable, Iterator

from nexy.modules.text_filtering.speech import Speech

Read = Callable[[Speech, int, int], None]

_ROW = re.compile(r"[^\S\n]*\|[^\n]*")
_RULE = re.compile(r"[\s|:-]+")
_CELL = re.compile(r"(?:\\\||[^|\n])*+")


def is_table(text: str) -> bool:
    """Whether it begins with a row of a table."""
    return text.lstrip().startswith("|")


def say_table(speech: Speech, end: int, headings: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """Say the rows of the original; returns the headings that hold where it ends.

    A row above a rule holds headings. The first cell of a row is said without its own: it names the row.
    """
    rows = list(_rows(speech.original, end))
    for number, (start, stop) in enumerate(rows):
        if _is_rule(speech.original, start, stop):
            continue
        heads = number + 1 < len(rows) and _is_rule(speech.original, *rows[number + 1])
        if heads:
            headings = _say_headings(speech, start, stop, read)
        else:
            _say_row(speech, start, stop, headings, read)
    tail = rows[-1][1] if rows else 0
    if speech.original[tail:end].strip():
        read(speech, tail, end)
        return ()
    return headings


def _rows(text: str, end: int) -> Iterator[tuple[int, int]]:
    at = len(text) - len(text.lstrip())
    while at < end and (row := _ROW.match(text, at, end)):
        yield row.span()
        at = row.end() + 1


def _is_rule(text: str, start: int, stop: int) -> bool:
    return "-" in text[start:stop] and _RULE.fullmatch(text, start, stop) is not None


def _cells(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Where the cells are, without the white space around them."""
    cells, at = [], text.index("|", start, stop) + 1
    while at < stop:
        cell = _CELL.match(text, at, stop)
        after = cell.end() if cell else stop
        inside = text[at:after]
        if after < stop or inside.strip():
            cells.append((at + len(inside) - len(inside.lstrip()), at + len(inside.rstrip())))
        at = after + 1
    return cells


def _say_headings(speech: Speech, start: int, stop: int, read: Read) -> tuple[str, ...]:
    headings = []
    if speech.readings:
        speech.gap = True
        for word in speech.readings.signs.table.split():
            speech.insert(word)
    for first, past in _cells(speech.original, start, stop):
        headings.append(_said(speech, first, past, read))
        if first < past:
            read(speech, first, past)
            speech.pause(",")
    speech.close(".")
    return tuple(headings)


def _said(speech: Speech, first: int, past: int, read: Read) -> str:
    """A heading as it is said above its column."""
    heading = speech.beside()
    read(heading, first, past)
    return heading.spoken(past).text.rstrip(".:")


def _say_row(speech: Speech, start: int, stop: int, headings: tuple[str, ...], read: Read) -> None:
    speech.gap = True
    for number, (first, past) in enumerate(_cells(speech.original, start, stop)):
        if not speech.original[first:past].strip("-–—"):
            continue
        heading = headings[number] if number and number < len(headings) else ""
        for word in heading.split():
            speech.insert(word)
        if heading:
            speech.pause(":")
        read(speech, first, past)
        speech.pause(",")
    speech.close(".")
