"""What a client has already, and which part it wants: conditional and range requests, RFC 9110. Pure."""

import re
from collections.abc import Mapping, Sequence

MOST_RANGES = 16  # of one request; more are asked for by nobody who means well
RANGE = re.compile(r"[ \t]*(?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{0,18})|-(?P<suffix>[0-9]{1,18}))?[ \t]*")
TAG = re.compile(r'"[^"]*"')


def is_known(asked: Mapping[str, str], tag: str) -> bool:
    """Whether the client has what `tag` names: it said so in If-None-Match."""
    known = asked.get("if-none-match", "")
    return known.strip() == "*" or tag in TAG.findall(known)


def ranges_of(asked: Mapping[str, str], size: int, tag: str, modified: str) -> Sequence[range] | None:
    """The parts of `size` bytes that the client wants, as they stand in Range; none when there are no such
    bytes. None is the whole: nothing else was asked for, or it is not understood, or not to be had.

    If-Range must name the `tag`, or when it was `modified`: else the client has a part of something else.
    """
    unit, _, several = asked.get("range", "").partition("=")
    if unit.strip().lower() != "bytes" or asked.get("if-range", tag) not in (tag, modified):
        return None
    found = [RANGE.fullmatch(one) for one in several.split(",")]
    matches = [one for one in found if one is not None and one.group().strip()]
    if not matches or None in found or len(matches) > MOST_RANGES:
        return None
    ranges = [_range(one, size) for one in matches]
    if any(one.stop < one.start for one in ranges):
        return None  # "9-3" is no range
    there = [one for one in ranges if one]
    return there if sum(map(len, there)) <= size else None  # what overlaps costs more than the whole


def _range(match: re.Match[str], size: int) -> range:
    """Empty when no byte of it is there, backwards when it is nonsense."""
    first, last, suffix = match.group("first", "last", "suffix")
    if suffix is not None:
        return range(max(size - int(suffix), 0), size)
    start = int(first)
    if last and int(last) < start:
        return range(start, start - 1)
    return range(start, max(min(int(last) + 1 if last else size, size), start))
