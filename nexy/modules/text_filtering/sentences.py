"""Cuts a text into sentences while it is still being written. Sans-I/O: text in, sentences out.

The rules of a cut, the same however the text was cut into feeds:

* A piece ends with its last sign; the white space behind it opens the next piece.
* A piece has a letter or a digit in it: a lone "---", bullet or emoji goes with what follows, unless
  the text ends with it or it alone is longer than a piece may be.
* A fenced block of code is one piece, however long.
* The first piece may be a clause, so that there is something to say early.

A sentence is let go the moment its end is known to be one, which for "word." is at once. That is the
one place where the feeds show: a sign or quote that comes in a later feed than its "word." opens the
next piece.
"""

import re

from nexy.modules.text_filtering.clauses import COMMAS, SAYABLE, SPACE, WIDE, best_place, words_of_clause
from nexy.modules.text_filtering.endings import (
    HARD,
    MARKS,
    SOFT,
    TAIL,
    Verdict,
    goes_on,
    is_label,
    is_plain,
    judge,
    past_closing,
)
from nexy.modules.text_filtering.lines import LINE, LINE_SIGNS, TABLE_RULE
from nexy.modules.text_filtering.quotes import CLOSERS, WRAPPERS, open_after

LONGEST = 400  # characters: half a minute of speech, more than a voice should be given at once

MORE = -1  # instead of a cut: what comes next decides

_SIGN = re.compile(f"[{MARKS}\n]")  # a set of signs alone is found much faster than a pattern
_PLAIN = re.compile(  # a sentence as most are, of words or of ideographs
    rf"[^{MARKS}\n]*+(?:[.!?](?=[ ][^\s»])|(?<=[^\W_])(?P<hard>[{HARD}])(?=\w))"
)
_CLAUSE_SIGN = re.compile(f"(?P<clause>[{COMMAS}{WIDE}][{re.escape(WRAPPERS)}]*+)|[{MARKS}\n]")
_HEADING_ENDS = ("**", ":", "：", "  ")  # before the end of a line; two spaces break it in Markdown
_UNFINISHED = re.compile(r"(?:\d[,;:—–]|\b(?:https?|ftp|mailto):|\bwww\.)\Z")  # 1,000; 10:30; 5–10
_PAUSES = (*SOFT, *HARD, *COMMAS, *WIDE, *CLOSERS)


class SentenceSplitter:
    """Takes a text as it is written and gives it back in sentences, character by character the same.

    A clause that goes on for more than `longest` characters is let go at its best place so far: after
    a comma or its like, else at white space, else where it is. The first piece ends with its first
    clause that has `first` words; with 0, as all others do.
    """

    def __init__(self, longest: int = LONGEST, first: int = 0) -> None:
        if longest < 1:
            raise ValueError("a piece has at least one character")
        self._longest = longest
        self._first_words = first
        self._begin()

    def _begin(self) -> None:
        self._text = ""  # what has not been let go; empty while in code
        self._start = 0  # where the piece begins in it
        self._scan = 0  # what is before this has been looked at and does not end the piece
        self._line = 0  # where the line begins that is being read; negative when that was let go
        self._line_known = False  # whether enough of the line is there to know its kind
        self._block = False  # whether the line is a list item, a heading or their like
        self._row = False  # whether it is a table's
        self._ruled = False  # whether the rule under that table's headings has come: there is only one
        self._mute = 0  # before this the piece has no letter and no digit
        self._said = -1  # where a letter or digit is
        self._quoted = 0  # up to where the open quotes and brackets have been counted
        self._open = 0  # how many of them there are
        self._code: list[str] = []  # the fenced code that has not been let go
        self._code_tail = ""  # the end of it: one character less than the fence
        self._fence = ""  # what opened the code, and will close it
        self._first = self._first_words > 0  # the first piece, which a clause may end, is not let go yet

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

    def let_go(self) -> str:
        """What can be said already of a text whose writer pauses; empty when there is nothing.

        A stop, a question mark or a comma at its end ends it, unless a number may go on behind that; else
        its last word may not be whole yet.
        """
        end = len(self._text) if self._line_known else self._line
        written = self._text[:end].rstrip()
        paused = written.endswith(_PAUSES) and not _UNFINISHED.search(written[-8:]) and not goes_on(written)
        if not paused and len(written) == len(self._text):
            written = written[: max((space.start() for space in SPACE.finditer(written)), default=0)]
        if self._code or not self._sayable(len(written)):
            return ""
        self._let_go(len(written))
        self._forget_gone()
        return written

    def flush(self) -> str:
        """What is left of the text, which has ended; the splitter begins anew."""
        rest = "".join(self._code) + self._text
        self._begin()
        return rest

    def _feed_prose(self, text: str) -> list[str]:
        self._text += text
        pieces: list[str] = []
        self._let_plain_go(pieces)
        while (cut := self._next_cut()) != MORE:
            pieces.append(self._text[self._start : cut])
            self._let_go(cut)
            self._let_plain_go(pieces)
        self._forget_gone()
        return pieces

    def _let_go(self, cut: int) -> None:
        """The piece ends at `cut`."""
        self._start = cut
        self._scan = max(self._scan, cut)
        self._first = False

    def _forget_gone(self) -> None:
        if gone := self._start:
            self._count_open(gone)
            self._text = self._text[gone:]
            self._start = 0
            self._scan -= gone
            self._line -= gone
            self._mute -= gone
            self._said -= gone
            self._quoted -= gone

    def _next_cut(self) -> int:
        """Where the piece ends; MORE while that is not known."""
        limit = self._start + self._longest
        cut = None
        while cut is None:
            cut = self._look(limit)
        if cut == MORE and len(self._text) > limit and not self._code:
            cut = best_place(self._text, self._start, limit)
            self._line_known = self._line_known or self._line < cut
        return cut

    def _let_plain_go(self, pieces: list[str]) -> None:
        """Let the sentences go that `_next_cut` would find too, after more work."""
        if not self._line_known or self._row or self._first:
            return
        text, start, scan = self._text, self._start, self._scan
        while sentence := _PLAIN.match(text, scan, start + self._longest + 2):
            end = sentence.end()
            if not 1 < end - start <= self._longest:
                break
            if not sentence["hard"] and not is_plain(text, start, end - 1):
                break
            pieces.append(text[start:end])
            start = scan = end
        self._start, self._scan = start, scan

    def _look(self, limit: int) -> int | None:
        """Look at the next sign: the cut that it makes, None if it makes none, MORE if that is not known."""
        if not self._line_known:
            return self._look_at_line(limit)
        sign = (_CLAUSE_SIGN if self._first else _SIGN).search(self._text, self._scan, limit + 1)
        if sign is None:
            self._scan = max(self._scan, min(len(self._text), limit))
            return MORE
        self._scan = sign.start()
        if self._first and sign["clause"]:
            return self._look_at_clause(sign.end())
        if sign[0] == "\n":
            return self._look_at_newline()
        tail = TAIL.match(self._text, self._scan, limit + 1)
        return self._look_at_stop(tail, limit) if tail else None

    def _look_at_line(self, limit: int) -> int | None:
        """A line begins: a blank one, a block and a fence end the piece before them."""
        line = LINE.match(self._text, self._line, limit + LINE_SIGNS)
        kind = line and line.lastgroup
        if kind == "unknown":
            return MORE
        ends = kind is not None and self._sayable(self._line)
        if ends and kind != "block":
            return self._line - 1
        if line and kind == "blank":
            self._begin_line(line.end())
            return None
        if line and kind == "fence" and line.end() == len(self._text):
            return MORE  # it may become longer, and what closes it is as long
        self._line_known = True
        self._block = kind == "block"
        self._row = line is not None and line["block"] == "|"
        self._ruled = self._ruled and self._row
        if ends:
            return self._line - 1
        return self._look_at_code(line) if line and kind == "fence" else None

    def _look_at_newline(self) -> int | None:
        """A line ends: that of a block, and one that looks like a heading, end the piece."""
        if self._row and not self._ruled:
            rule = TABLE_RULE.match(self._text, self._scan + 1)
            if rule and rule["more"] is not None:
                return MORE
            if rule:  # the headings of a table and the rule under them are one piece
                self._begin_line(self._scan + 1)
                self._line_known = self._block = self._row = self._ruled = True
                return None
        ends = self._block or self._text.endswith(_HEADING_ENDS, self._start, self._scan)
        if ends and self._sayable(self._scan):
            return self._scan
        self._begin_line(self._scan + 1)
        return None

    def _look_at_stop(self, tail: re.Match[str], limit: int) -> int | None:
        end = past_closing(self._text, self._start, tail)
        if end is None or end > limit or (verdict := self._judge(tail, end, limit)) == "unknown":
            return MORE
        self._scan = end
        return end if verdict == "ends" else None

    def _look_at_clause(self, end: int) -> int | None:
        """A clause ends: it may be the first piece if it is long enough, and stands in no bracket."""
        after = self._text[end : end + 1]
        if not after:
            return MORE
        self._scan = end
        self._count_open(end)
        wide = self._text[end - 1] in WIDE
        number = self._text[end - 2 : end - 1].isdigit()  # "on Nov 26, 2026" goes on
        if self._open or number or not (wide or after.isspace()):
            return None
        words = words_of_clause(self._text[self._start : end], wide=wide)
        return end if words >= self._first_words else None

    def _judge(self, tail: re.Match[str], end: int, limit: int) -> Verdict:
        if self._row or not self._sayable(tail.start()):
            return "goes on"
        marks = tail["marks"]
        if marks == "." and self._start <= self._line and is_label(self._text, self._line, tail.start()):
            return "goes on"
        verdict = judge(self._text, self._start, tail, limit)
        if verdict == "ends" and end == len(self._text):
            self._count_open(end)
            return "unknown" if self._open else "ends"  # a quote may close behind it
        return verdict

    def _look_at_code(self, opening: re.Match[str]) -> int:
        self._fence = opening["fence"]
        self._first = False
        close = self._text.find(self._fence, opening.end())
        if close >= 0:
            self._scan = close + len(self._fence)
            return self._scan
        end = len(self._text)
        self._code = [self._text[self._start :]]
        self._code_tail = self._text[max(opening.end(), end + 1 - len(self._fence)) :]
        self._start = self._scan = end
        return MORE

    def _begin_line(self, start: int) -> None:
        self._line = self._scan = self._quoted = start
        self._line_known = self._block = self._row = False
        self._open = 0

    def _count_open(self, stop: int) -> None:
        self._open = open_after(self._text, self._quoted, stop, self._open)
        self._quoted = max(self._quoted, stop)

    def _sayable(self, stop: int) -> bool:
        """Whether the piece has a letter or a digit before `stop`."""
        if self._start <= self._said < stop:
            return True
        first = SAYABLE.search(self._text, max(self._mute, self._start), stop)
        if first is None:
            self._mute = max(self._mute, stop)
            return False
        self._said = first.start()
        return True
