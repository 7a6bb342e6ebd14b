"""Short-term memory: the gist of recent talk, a line for each exchange, newest first, for some hours.

A line begins with its time, so that it can go by itself: "2026-10-03 12:05Z Asked: … Heard: …".
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from nexy.modules.memory_management.facts import one_line
from nexy.modules.memory_management.secrets import without_secrets
from nexy.types import Exchange

_MOST_ASKED = 120  # characters
_MOST_HEARD = 160  # characters
_MOST_LOOKED_AT = 500  # characters; what is kept of them is far before their end
Line: TypeAlias = tuple[float, str]  # its time in Unix seconds, and what it says
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)Z (.+)")
_FORM = "%Y-%m-%d %H:%M"


def line_of(exchange: Exchange) -> str:
    """One exchange in short, without secrets; "" when nothing was said."""
    asked = _asked(without_secrets(exchange.prompt[:_MOST_LOOKED_AT]))
    heard = one_line(without_secrets(exchange.heard[:_MOST_LOOKED_AT]), _MOST_HEARD)
    return " ".join(filter(None, (asked, f"Heard: {heard}" if heard else "")))


def apart_from(talk: Sequence[Line], history: Sequence[Exchange]) -> list[Line]:
    """The lines of `talk` that are not about an exchange of `history`."""
    asked = {_asked(exchange.prompt[:_MOST_LOOKED_AT]) for exchange in history} - {""}
    return [(at, line) for at, line in talk if line.partition(" Heard: ")[0] not in asked]


def _asked(prompt: str) -> str:
    prompt = one_line(prompt, _MOST_ASKED)
    return f"Asked: {prompt}" if prompt else ""


def longer(gist: str, line: str, now: float, most_chars: int) -> str:
    """`gist` with a line before it; what is more than `most_chars` goes, oldest first, whole lines.

    The same line of the same minute is not put there twice.
    """
    stamp, lines = datetime.fromtimestamp(now, UTC).strftime(_FORM), gist.splitlines()
    new = f"{stamp}Z {line}" if line else ""
    kept: list[str] = []
    for each in lines if new in lines else [new, *lines]:
        if each and sum(map(len, kept)) + len(kept) + len(each) > most_chars:
            break
        kept += [each] if each else []
    return "\n".join(kept)


def gist_of(text: str, at: float, most_chars: int) -> str:
    """What a plain text makes, written at a Unix time: each line one of the gist, without secrets."""
    gist = ""
    for line in reversed(text.splitlines()):
        gist = longer(gist, one_line(without_secrets(line), _MOST_ASKED + _MOST_HEARD), at, most_chars)
    return gist


def without_newest(gist: str) -> str:
    """`gist` without what was said last."""
    return "\n".join(gist.splitlines()[1:])


def fresh(gist: str, now: float, hours: float) -> list[Line]:
    """The lines that are no older than `hours`, newest first, each with its time in Unix seconds."""
    lines = [(_time_of(match[1]), match[2]) for match in map(_LINE.fullmatch, gist.splitlines()) if match]
    return [(at, line) for at, line in lines if now - at <= hours * 3600 + 59]  # a line's time has no seconds


def _time_of(stamp: str) -> float:
    """Unix seconds; those of long ago for what is no time."""
    try:
        return datetime.strptime(stamp, _FORM).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def fresh_text(gist: str, now: float, hours: float) -> str:
    """`gist` without the lines that are too old."""
    return "\n".join(
        f"{datetime.fromtimestamp(at, UTC).strftime(_FORM)}Z {line}" for at, line in fresh(gist, now, hours)
    )
