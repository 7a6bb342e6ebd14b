"""Quotes and brackets, and how many of them are open. Markdown's stars are among them."""

import re

OPENERS = "([{（［「『【《〈"
CLOSERS = ")]}）］」』】》〉"
WRAPPERS = "\"'“”„‟«»‹›‘’‚*_`~"
"""Open and close with the same sign, or differently in each language; Markdown's are among them."""

_WRAPPING = re.compile(f"[{re.escape(WRAPPERS)}]++|[{re.escape(OPENERS + CLOSERS)}]")


def open_after(text: str, start: int, stop: int, opened: int) -> int:
    """How many quotes and brackets are open at `stop`, when `opened` were at `start`."""
    for sign in _WRAPPING.finditer(text, start, stop):
        if sign[0] in OPENERS:
            opened += 1
        elif sign[0] in CLOSERS:
            opened -= opened > 0
        else:
            before = text[sign.start() - 1] if sign.start() else ""
            after = text[sign.end() : sign.end() + 1]
            opened = max(0, opened + _step(sign[0], before, after))
    return opened


def _step(sign: str, before: str, after: str) -> int:
    if (before.isalnum() and after.isalnum()) or sign == "~":  # an apostrophe, "about", a home directory
        return 0
    if sign == "«" and not before.strip():  # French: a space follows
        return 1
    opens = (not before or before.isspace() or before in OPENERS or before in "-–—") and bool(after.strip())
    return len(sign) if opens else -len(sign)  # half of a closing "**" leaves it open
