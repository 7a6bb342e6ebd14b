"""Judges whether a full stop, a question mark or their kin ends a sentence. Pure: keeps nothing."""

import re
from typing import Literal

from nexy.modules.text_filtering.abbreviations import NEVER_LAST, SOMETIMES_LAST, TITLES

Verdict = Literal["ends", "goes on", "unknown"]
Ending = Literal["at once", "before a space", "before a capital", "never"]

SOFT = ".!?…‼⁇⁈⁉‽؟۔।॥։።"
"""End a sentence when white space follows."""
HARD = "。！？｡"
"""End a sentence whatever follows: Chinese and Japanese are written without spaces."""
OPENERS = "([{（［「『【《〈"
CLOSERS = ")]}）］」』】》〉"
WRAPPERS = "\"'“”„‟«»‹›‘’‚*_`~"
"""Open and close with the same sign, or differently in each language; Markdown's are among them."""

TAIL = re.compile(f"(?P<marks>[{re.escape(SOFT + HARD)}]++)[{re.escape(SOFT + HARD + CLOSERS + WRAPPERS)}]*+")
"""What may end a sentence, with the quotes and brackets that close behind it."""

_LABEL = re.compile(r"[\s>#*_+•–—(-]*+(?:\d{1,3}|[^\W\d_])")
_DOTTED = re.compile(r"[^\W\d_](?:[^\W\d_]?(?:\.-?[^\W\d_]{1,2})++)?+")  # J, J.R.R, Ph.D, т.к
_GLUED = re.compile(r"[/@.:\\]")  # in an address, the name of a file, a path, a time
_LONGEST_ABBREVIATION = 12  # characters
_YEAR = re.compile(r"\d\sг\Z")  # "в 1961 г." ends a sentence more often than "г. Москва" does
_HARD = re.compile(f"[{HARD}]")
_WRAPPING = re.compile(f"[{re.escape(WRAPPERS)}]++|[{re.escape(OPENERS + CLOSERS)}]")


def judge(text: str, start: int, tail: re.Match[str], limit: int) -> Verdict:
    """Whether the sentence that begins at `start` ends with `tail`; text[limit:] is not looked at."""
    marks = tail["marks"]
    if _HARD.search(marks):
        return "ends"
    following = text[tail.end() : tail.end() + 1]
    ending = _ending(text[start : tail.start()], marks)
    if ending == "never" or (following and not following.isspace()):
        return "goes on"
    if ending == "at once" or (following and ending == "before a space"):
        return "ends"
    return _next_word_tells(text, tail.end(), limit)


def is_label(text: str, line: int, stop: int) -> bool:
    """Whether the line that begins at `line` has only a list item's number or letter before `stop`."""
    return _LABEL.fullmatch(text, line, stop) is not None


def open_after(text: str, start: int, stop: int, opened: int) -> int:
    """How many quotes and brackets are open at `stop`, when `opened` were at `start`."""
    for sign in _WRAPPING.finditer(text, start, stop):
        before = text[sign.start() - 1] if sign.start() else ""
        after = text[sign.end() : sign.end() + 1]
        opened = max(0, opened + _step(sign[0], before, after))
    return opened


def _step(sign: str, before: str, after: str) -> int:
    if sign in OPENERS:
        return 1
    if sign in CLOSERS:
        return -1
    if before.isalnum() and after.isalnum():  # an apostrophe
        return 0
    opens = (not before or before.isspace() or before in OPENERS or before in "-–—") and bool(after.strip())
    return len(sign) if opens else -len(sign)  # half of a closing "**" leaves it open


def _ending(before: str, marks: str) -> Ending:
    """How a sentence may end when `before` is followed by `marks`."""
    word = _last_word(before)
    dots = marks[0] in ".…"
    if not word:
        return "before a space" if dots else "at once"  # " .net" but "Bonjour !"
    if marks == "." and (ending := _abbreviation(word)):
        if word == "г" and _YEAR.search(before):
            return "before a capital"
        return "at once" if before.strip() == "No" else ending  # the answer, rather than "No. 5"
    if _GLUED.search(word) or (dots and word[-1].isdigit()):
        return "before a capital" if marks == "." and word.isdigit() else "before a space"
    # Tokenisers glue a full stop to the letters behind it (".com", ".py"), so a piece of an answer
    # that stops right after "word." is in practice the end of a sentence: no more is waited for.
    return "at once"


def _last_word(text: str) -> str:
    words = text[-1:].strip() and text.rsplit(None, 1)
    return words[-1].lstrip(OPENERS + WRAPPERS + "-–—") if words else ""


def _abbreviation(word: str) -> Ending | None:
    """How a sentence may end with `word` and one full stop, when that is an abbreviation."""
    if len(word) > _LONGEST_ABBREVIATION:
        return None
    lower = word.lower()
    if word in TITLES or lower in NEVER_LAST:
        return "never"
    if lower in SOMETIMES_LAST:
        return "before a capital"
    if not _DOTTED.fullmatch(word):
        return None
    if word.replace(".", "").replace("-", "").isupper():  # the initials of a name
        return "never"
    return "before a capital" if len(word) > 1 else "before a space"  # "p." may become "p.m."


def _next_word_tells(text: str, end: int, limit: int) -> Verdict:
    """After "3." or "etc." a capital begins a sentence; a small letter, digit or bracket does not."""
    rest = text[end:limit]
    word = rest.lstrip()
    if "\n" in rest[: len(rest) - len(word)]:
        return "ends"
    if not word:
        return "unknown"
    return "goes on" if word[0].islower() or word[0].isdigit() or word[0] in "([{-–—…" else "ends"
