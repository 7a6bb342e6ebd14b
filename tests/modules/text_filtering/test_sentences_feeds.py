"""However a text is fed, its cuts and the work for them stay the same."""

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nexy.modules.text_filtering import SentenceSplitter
from nexy.modules.text_filtering.endings import MARKS
from tests.modules.text_filtering.test_sentences import ANYTHING, cut

BITS = re.findall(
    r"\S+|\n+",
    'etc. Dr. J. п. П. z. B. e.g. 3. 3.5 am im Mai XIX. p. s. no. . ... ?! - 1. | |-| a so The « » " ** ` ```'
    " : , 。 ， 好 x.org ~ ( ) \n \n\n",
)
UNIT = re.compile(f"[{MARKS}]\\S*+(?:[ \u00a0\u202f]»\\S*+)*+|(?s:.)")
"""One character; but what may close a sentence, or go on with it, comes together with its mark."""


@given(ANYTHING | st.lists(st.sampled_from([*BITS, " ", " "]), max_size=60).map("".join))
@example("``````0")  # six of them open the code, not three of them and three that close it
@example("好。**好**，。")
def test_the_cuts_do_not_depend_on_how_the_characters_came(text: str) -> None:
    """But for a sign, a quote or a letter that comes in a later feed than the "word." right before it."""
    for longest, first in ((10_000, 0), (400, 3), (40, 3)):
        assert cut(UNIT.findall(text), longest, first) == cut([text], longest, first)


HOSTILE = [
    ".", ". ", '"', '" ', "|", "|\n", "| a | b |\n", "`", "``\n", "```\n", "1", "1.", "1. ", "(", "a (", " ",
    "\n", "\n ", "a.b.c.", "a.b. ", "Dr. ", "e.g. ", "*", "*\n", ", ", "a", "好", "好。", "好。*", "?!", "…",
    "J. ", "No. ", "im 3. ", '"A. ', "\n|-", "(a. ", "a:\n", "1)\n", "http://a.b/c.d?e=f. ",
]  # fmt: skip


def steps(text: str) -> int:
    """How many calls, Python's and C's, are made for a text."""
    count = 0

    def count_calls(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_calls)
    try:
        cut([text], first=3)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("bit", HOSTILE)
def test_twice_the_text_is_twice_the_work(bit: str) -> None:
    once, twice = (steps(bit * (length // len(bit))) for length in (4_000, 8_000))
    assert twice < 2.2 * once + 50


@given(st.text(alphabet='ab1好. .!?,:;\n- ")', max_size=80))
def test_a_pause_parts_no_word_and_no_number(text: str) -> None:
    splitter = SentenceSplitter()
    gone = len("".join(splitter.feed(text)))
    if piece := splitter.let_go():
        end = gone + len(piece)
        assert text.startswith(piece, gone)
        assert text[end - 1] in '.!?,:;)"-' if end == len(text) else text[end].isspace()
        assert not re.search(r"\d[,:]\Z", text[:end]) or end < len(text)
