"""Judges whether a full stop, a question mark or their kin ends a sentence. Pure: keeps nothing."""

import re
from functools import lru_cache
from typing import Literal

from nexy.modules.text_filtering.abbreviations import (
    BEFORE_NUMBER,
    BEGINNINGS,
    GERMAN_MONTHS,
    NEVER_LAST,
    ORDINAL_BEFORE,
    SOMETIMES_LAST,
    TITLES,
    WITHOUT_DECIMALS,
)
from nexy.modules.text_filtering.quotes import CLOSERS, OPENERS, WRAPPERS

Verdict = Literal["ends", "goes on", "unknown"]
Ending = Literal[
    "at once",
    "before a space",
    "before a capital",  # a small letter, a digit or a bracket goes on with it
    "before a word",  # a number goes on with it, Roman ones too
    "before a beginning",  # an initial: only such words begin a sentence that no name begins with
    "after a number",  # which may be a German ordinal
    "never",
]

SOFT = ".!?…‼⁇⁈⁉‽؟۔।॥։።"
"""End a sentence when white space follows."""
HARD = "。！？｡"
"""End a sentence whatever follows: Chinese and Japanese are written without spaces."""
MARKS = re.escape(SOFT + HARD)
_CLOSING = re.escape(SOFT + HARD + CLOSERS + "”’")
TAIL = re.compile(
    rf"""
    (?P<marks>[{MARKS}]++)
    (?: (?<=[{HARD}]) [{_CLOSING}]*+  # what opens may follow at once: 他说。“好。”
      | [ \u00a0\u202f]»(?!\w)  # « Oui. »
      | [{_CLOSING}{re.escape(WRAPPERS)}]*+
    )
    """,
    re.VERBOSE,
)
"""What may end a sentence, with the quotes and brackets that close behind it."""
_LEADING = OPENERS + WRAPPERS + "-–—¿¡"
_PAIRED = re.compile("[\"'*_`~]++")  # open and close alike

_LABEL = re.compile(r"[\s>#*_+•–—(-]*+(?:\d{1,3}|[^\W\d_])")
_DOTTED = re.compile(r"[^\W\d_](?:[^\W\d_]?(?:\.-?[^\W\d_]{1,2})++)?+")  # J, J.R.R, Ph.D, т.к
_GLUED = re.compile(r"[/@.:\\]")  # in an address, the name of a file, a path, a time
_LONGEST_ABBREVIATION = 12  # characters
_YEAR = re.compile(r"\d\sг\Z")  # "в 1961 г." ends a sentence more often than "г. Москва" does
_HARD = re.compile(f"[{HARD}]")
_CLOSED = re.compile('["”“’»«‹›)\\]]')
_QUOTED = re.compile('["”“’»«‹›]')
DIGITS = "0123456789"
_ROMAN = re.compile(r"[IVXLC]{1,7}")
_AM = re.compile(r"(?<!\bI )(?<!\bi )\b[Aa]m\s\Z")  # "am 3. Tag", but "I am 5. You are"
_LONGEST_SPACED = 9  # characters: what that takes, and the one before
_SPACED = re.compile(r"(?<!\w)([^\W\d_]{1,3})\.\s([^\W\d_]{1,3})\Z")
# A year, a time, a price with its decimals, a date, an IP address: no more digits come.
_WHOLE = re.compile(
    r"\d{4,}|\d\d?:\d\d?|[$€£]\d+\.\d\d|[^\s.]*\d,\d\d?|\d\d?\.\d\d?\.\d{4}|\d{1,3}(?:\.\d{1,3}){3}"
)
_SAID = re.compile(r":\s?[\"“„«»‚‘][^\"“”„«»‚‘’]*+\Z")  # He said: “Come!” – nothing goes on behind that
_SEEN_BEFORE = 64  # characters before a mark and after it that are looked at, so that each costs the same
_SEEN_AFTER = 32
_LISTED = TITLES | NEVER_LAST | BEFORE_NUMBER | SOMETIMES_LAST
_MONTHS_BEGUN, _BEGINNINGS_BEGUN = (
    frozenset(word[: length + 1] for word in words for length in range(len(word)))
    for words in (GERMAN_MONTHS, BEGINNINGS)
)
_LONGEST_WORD = 24  # characters of the next word that are looked at
_TO_SIGN = re.compile(r"[^\s.,;:)]*+")
_WHOLE_WORD = re.compile(r"[^\W\d_]++(?:['’][^\W\d_]++)?")


def judge(text: str, start: int, tail: re.Match[str], limit: int) -> Verdict:
    """Whether the sentence that begins at `start` ends with `tail`; text[limit:] is not looked at."""
    stop, end = tail.span()
    alone = end - stop == 1
    if text[stop] in HARD or (not alone and _HARD.search(tail["marks"])):
        return "ends"
    following = text[end : end + 1]
    if following and not following.isspace():
        return "goes on"
    before = text[max(start, stop - _SEEN_BEFORE) : stop]
    word = _last_word(before)
    if alone and _is_plain(word):
        return "ends"
    ending = _ending(before, word, tail)
    if ending == "never":
        return "goes on"
    if ending == "at once" or (following and ending == "before a space"):
        return "ends"
    rest = text[end : min(limit, end + _SEEN_AFTER)]
    if ending == "after a number":
        return _after_number(before, rest)
    return _next_word_tells(rest, ending)


def is_plain(text: str, start: int, stop: int) -> bool:
    """Whether `_is_plain` holds for the word before `stop`: most sentences end so."""
    return _is_plain(text[text.rfind(" ", start, stop) + 1 or start : stop])


def _is_plain(word: str) -> bool:
    """A word of small letters that no table has: whatever mark follows it ends the sentence."""
    return len(word) > 1 and word.islower() and word.isalpha() and word not in _LISTED


def past_closing(text: str, start: int, tail: re.Match[str]) -> int | None:
    """The end of `tail`; where no white space parts sentences, past what closes there and might as well open.

    None if what comes next decides.
    """
    end = tail.end()
    if text[tail.end("marks") - 1] not in HARD or (paired := _PAIRED.match(text, end)) is None:
        return end
    if text.count(paired[0], start, tail.start()) % 2:
        return paired.end()
    return None if paired.end() == len(text) else end


def is_label(text: str, line: int, stop: int) -> bool:
    """Whether the line that begins at `line` has only a list item's number or letter before `stop`."""
    return _LABEL.fullmatch(text, line, stop) is not None


def _ending(before: str, word: str, tail: re.Match[str]) -> Ending:
    """How a sentence may end when `before`, of which `word` is the last, is followed by `tail`."""
    marks = tail["marks"]
    dots = marks[0] in ".…"
    if not dots:
        # “Is it?” he asked. Without the quote a small letter seldom follows.
        closed = _CLOSED.search(tail[0]) and not tail[0].endswith(".") and not _SAID.search(before)
        return "before a capital" if closed else "at once"  # "Bonjour !" too
    if not word:
        return "before a space"  # " .net"
    if marks == "." and word[-1].isdigit():
        if _WHOLE.fullmatch(word) or _counts_pages(before):
            return "at once"
        return "after a number" if word.isdigit() else "before a space"
    quoted = len(tail[0]) > 1 and _QUOTED.search(tail[0])  # “No.”
    if marks == "." and not quoted and (ending := _spaced(before[-_LONGEST_SPACED:]) or _abbreviation(word)):
        if word == "г" and _YEAR.search(before):
            return "before a capital"
        return "at once" if before.strip() == "No" else ending  # the answer, rather than "No. 5"
    if _GLUED.search(word) and word[-1].isalnum() and word[-1].isascii():
        return "before a space"
    if marks == "." and len(word) > 1 and _ROMAN.fullmatch(word):
        return "before a capital"
    # Tokenisers glue a full stop to the letters behind it (".com", ".py"), so a piece of an answer
    # that stops right after "word." is in practice the end of a sentence: no more is waited for.
    return "at once"


def _last_word(text: str) -> str:
    words = text[-1:].strip() and text.rsplit(None, 1)
    return words[-1].lstrip(_LEADING) if words else ""


@lru_cache(2048)
def _spaced(before: str) -> Ending | None:
    """How a sentence may end with "z. B", which is what "z.B" is."""
    spaced = _SPACED.search(before)
    return _listed(f"{spaced[1]}.{spaced[2]}") if spaced else None


@lru_cache(2048)
def _abbreviation(word: str) -> Ending | None:
    """How a sentence may end with `word` and one full stop, when that is an abbreviation."""
    if len(word) > _LONGEST_ABBREVIATION:
        return None
    elided = word[2:] if len(word) > 2 and word[1] in "'’" else word  # l'art. 5
    initial = len(word) == 1 and word.isupper()  # "П." of a name, not "п." of a list
    if not initial and (ending := _listed(elided)):
        return ending
    if not _DOTTED.fullmatch(word):
        return None
    if word.replace(".", "").replace("-", "").isupper():  # the initials of a name
        return "before a beginning"
    return "before a capital" if len(word) > 1 else "before a word"  # "p." may become "p.m."


def _counts_pages(before: str) -> bool:
    """Whether the number at the end is one of those without decimals: "fig. 3", "Gate 12"."""
    words = before.rsplit(None, 2)
    return len(words) > 1 and words[-1].isdigit() and words[-2].rstrip(".").lower() in WITHOUT_DECIMALS


def _listed(word: str) -> Ending | None:
    """What the tables say."""
    lower = word.lower()
    if word in TITLES or lower in NEVER_LAST:
        return "never"
    if lower in BEFORE_NUMBER:
        return "before a word" if len(word) > 1 or word.islower() else "before a beginning"
    if lower in SOMETIMES_LAST or lower.endswith("str"):  # German streets: Bahnhofstr. 12
        return "before a capital"
    return None


def _after_number(before: str, rest: str) -> Verdict:
    """After "3.": a German ordinal goes on, whatever the first letter of what it counts."""
    following = rest.lstrip()[:1]
    if following.isdigit() or following.islower() or "\n" in rest[: len(rest) - len(rest.lstrip())]:
        return _next_word_tells(rest, "before a capital")
    *lead, _ = before.rsplit(None, 1) if before.rstrip(DIGITS).strip() else ("",)
    words = rest.split(None, 1)
    counts = _last_word(lead[0] if lead else "").lower() in ORDINAL_BEFORE or _AM.search(
        before.rstrip(DIGITS)[-_LONGEST_SPACED:]
    )
    if "\n" not in rest and counts:
        return "goes on" if words else "unknown"
    if words and words[0].strip(CLOSERS + ".,;").lower() in GERMAN_MONTHS:
        return "goes on"
    verdict = _next_word_tells(rest, "before a capital")
    return "unknown" if verdict == "ends" and _may_grow(rest, _MONTHS_BEGUN) else verdict


def _may_grow(rest: str, words: frozenset[str]) -> bool:
    """Whether the next word is not whole yet and is one of `words`: the beginnings of some."""
    begun = rest.lstrip()
    if not begun or len(begun) > _LONGEST_WORD or "\n" in rest[: len(rest) - len(begun)]:
        return False
    return begun.isalpha() and begun.lower() in words


def _next_word_tells(rest: str, ending: Ending) -> Verdict:
    """After "etc." a capital begins a sentence; a small letter, digit or bracket does not."""
    following = rest.lstrip()
    if "\n" in rest[: len(rest) - len(following)]:
        return "ends"
    word = following[:_LONGEST_WORD]
    if not word:
        return "unknown"
    if ending == "before a word":
        return _goes_on_with_number(word)
    if ending == "before a beginning":
        return _begins(word)
    return "goes on" if word[0].islower() or word[0].isdigit() or word[0] in "([{-–—…" else "ends"


def _goes_on_with_number(word: str) -> Verdict:
    if word[0].islower():
        return "goes on"
    if not word[0].isalnum():
        return "ends"
    first = _TO_SIGN.match(word)
    whole = first is not None and first.end() < len(word)
    if word[0].isdigit() or (whole and first and (_ROMAN.fullmatch(first[0]) or _dotted(word))):
        return "goes on"
    return "unknown" if not whole and len(word) < _LONGEST_WORD and _could_be(word) else "ends"


def _dotted(word: str) -> bool:
    """ "m." of "p. m.", "J." of "v. J." """
    return len(word) > 1 and word[0].isalpha() and word[1] == "."


def _could_be(word: str) -> bool:
    """Whether an unfinished word may become a Roman numeral or a letter with a full stop."""
    return _ROMAN.fullmatch(word) is not None or len(word) == 1


def _begins(word: str) -> Verdict:
    """After an initial."""
    whole = _WHOLE_WORD.match(word)
    if whole is None or not word[0].isupper():
        return "goes on"
    if whole.end() == len(word) and len(word) < _LONGEST_WORD and _may_grow(word, _BEGINNINGS_BEGUN):
        return "unknown"
    return (
        "ends" if whole[0].lower() in BEGINNINGS and word[whole.end() : whole.end() + 1] != "." else "goes on"
    )


def goes_on(written: str) -> bool:
    """Whether a text ends with a title or another shortened word behind which more must follow: "Dr."."""
    word = written.rsplit(None, 1)[-1].lstrip(OPENERS + WRAPPERS)
    return word.endswith(".") and (word[:-1] in TITLES or word[:-1].lower() in NEVER_LAST)
