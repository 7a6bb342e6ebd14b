"""Cuts a text into sentences while it is still being written. Sans-I/O: text in, sentences out.

The rules of a cut, the same however the text was cut into feeds:

* A piece ends with its last sign; the white space behind it opens the next piece.
* A piece has a letter or a digit in it: a lone "---", bullet or emoji goes with what follows, unless
  the text ends with it or it alone is longer than a piece may be.
* A fenced block of code is one piece, however long.

A sentence is let go the moment its end is known to be one, which for "word." is at once. That is the
one place where the feeds show: a sign or quote that comes in a later feed than its "word." opens the
next piece.
"""

import re

from nexy.modules.text_filtering.endings import (
    HARD,
    SOFT,
    TAIL,
    WRAPPERS,
    Verdict,
    is_label,
    judge,
    open_after,
)

LONGEST = 400  # characters: half a minute of speech, more than a voice should be given at once

_END = re.compile(f"[{re.escape(SOFT + HARD)}\n]")
_SAYABLE = re.compile(r"[^\W_]")
_CLAUSE_END = re.compile(f"(?:[,;:—–][{re.escape(WRAPPERS)}]*+(?=\\s)|[，、；：])")
_SPACE = re.compile(r"\s++")

_LINE = re.compile(
    r"""
    (?P<blank>  (?:[^\S\n]*+\n)++ )
  | [^\S\n]*+ (?P<fence> `{3,}+ | ~{3,}+ )
  | [^\S\n]*+ (?P<block> (?: [-*+•–—] | \d{1,3}[.)] | \#{1,6}+ ) \s | [>|] )  # item, heading, quotation, table
  | (?P<unknown> [^\S\n]*+ (?: [-*+•–—] | \d{1,3}[.)]? | \#{1,6}+ | `{1,2} | ~{1,2} )? \Z )
    """,
    re.VERBOSE,
)
_LINE_SIGNS = 16  # characters from which the kind of a line is known


class SentenceSplitter:
    """Takes a text as it is written and gives it back in sentences, character by character the same.

    A clause that goes on for more than `longest` characters is let go at its best place so far: after
    a comma or its like, else at white space, else where it is.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        if longest < 1:
            raise ValueError("a piece has at least one character")
        self._longest = longest
        self._begin()

    def __repr__(self) -> str:
        held = len(self._text) + sum(map(len, self._code))
        return f"<SentenceSplitter: {held} characters held>"

    def feed(self, text: str) -> list[str]:
        """The sentences that are complete now that `text` has been written."""
        if not self._code:
            return self._feed_prose(text)
        # A closing fence may come in several feeds. What is known to be code is kept in parts, so that
        # a long block is not copied again for each of them.
        window = self._code_tail + text
        close = window.find(self._fence)
        if close < 0:
            self._code.append(text)
            self._code_tail = window[1 - len(self._fence) :]
            return []
        end = close + len(self._fence) - len(self._code_tail)
        block = "".join(self._code) + text[:end]
        self._code = []
        return [block, *self._feed_prose(text[end:])]

    def flush(self) -> str:
        """What is left of the text, which has ended; the splitter begins anew."""
        rest = "".join(self._code) + self._text
        self._begin()
        return rest

    def _begin(self) -> None:
        self._text = ""  # what has not been let go; empty while in code
        self._start = 0  # where the piece begins in it
        self._scan = 0  # what is before this has been looked at and does not end the piece
        self._line = 0  # where the line begins that is being read; negative when that was let go
        self._line_known = False  # whether enough of the line is there to know its kind
        self._block = False  # whether the line is a list item, a heading or their like
        self._quoted = 0  # up to where the open quotes and brackets have been counted
        self._open = 0  # how many of them there are
        self._code: list[str] = []  # the fenced code that has not been let go
        self._code_tail = ""  # the end of it: one character less than the fence
        self._fence = ""  # what opened the code, and will close it

    def _feed_prose(self, text: str) -> list[str]:
        self._text += text
        pieces = []
        while (cut := self._next_cut()) is not None:
            pieces.append(self._text[self._start : cut])
            self._count_open(cut)
            self._start = cut
            self._scan = max(self._scan, cut)
        if gone := self._start:
            self._text = self._text[gone:]
            self._start = 0
            self._scan -= gone
            self._line -= gone
            self._quoted -= gone
        return pieces

    def _next_cut(self) -> int | None:
        """Where the piece ends, or None while that is not known."""
        limit = self._start + self._longest
        while True:
            if not self._line_known:
                cut = self._look_at_line(limit)
                if cut is not None or not self._line_known:
                    break
            end = _END.search(self._text, self._scan, limit)
            if end is None:
                self._scan = max(self._scan, min(len(self._text), limit))
                cut = None
                break
            if end[0] == "\n":
                cut = self._end_line(end.start())
                if cut is not None:
                    break
            else:
                verdict, cut = self._look_at_stop(end.start(), limit)
                if verdict == "ends":
                    break
            ...
        return cut
