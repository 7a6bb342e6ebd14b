"""The gold sets: texts in many languages with their cuts, and how many of those are found."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nexy.modules.text_filtering import SentenceSplitter

DATA = Path(__file__).parents[2] / "data" / "sentences"


@dataclass(frozen=True)
class Gold:
    """A text and where it is cut."""

    language: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def gold() -> list[Gold]:
    return [
        Gold(file.stem, tuple(line.replace("⏎", "\n").split("¦")))
        for file in sorted(DATA.glob("*.txt"))
        for line in file.read_text().splitlines()
        if line and not re.match(r"# ", line)
    ]


def cuts(pieces: list[str] | tuple[str, ...]) -> set[int]:
    """Where one piece ends and the next begins, white space aside."""
    ends, at = set(), 0
    for piece in pieces[:-1]:
        at += len(piece)
        ends.add(at)
    return ends


def split(text: str) -> list[str]:
    splitter = SentenceSplitter()
    pieces = splitter.feed(text)
    rest = splitter.flush()
    return [*pieces, rest] if rest else pieces


TOKEN = re.compile(r"\s*[^\W\d]+|\s*\d{1,3}|\s*[^\w\s]+[^\W\d_]*|\s+")
"""What language models write at once, roughly: a word with the space before it, up to three digits, marks
with the letters behind them (".com")."""


def fed(parts: list[str]) -> list[str]:
    splitter = SentenceSplitter()
    pieces = [piece for part in parts for piece in splitter.feed(part)]
    rest = splitter.flush()
    return [*pieces, rest] if rest else pieces


def test_the_cuts_are_the_same_while_it_is_written() -> None:
    other = [
        (fed(parts), split(one.text))
        for one in gold()
        for parts in (TOKEN.findall(one.text), re.findall(r"\s*\S+|\s+", one.text))
        if fed(parts) != split(one.text)
    ]
    assert len(other) <= 2, other


def test_the_cuts_are_where_they_should_be() -> None:
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    wrong = []
    for one in gold():
        for language in (one.language, "all"):
            right[language] += len(cuts(one.pieces) & cuts(split(one.text)))
            found[language] += len(cuts(split(one.text)))
            wanted[language] += len(cuts(one.pieces))
        if split(one.text) != list(one.pieces):
            wrong.append((one.language, split(one.text), list(one.pieces)))
    for language in sorted(wanted):
        precision, recall = (
            right[language] / max(1, found[language]),
            right[language] / max(1, wanted[language]),
        )
        print(f"{language}: {wanted[language]} cuts, precision {precision:.1%}, recall {recall:.1%}")
    report = "\n".join(f"{language}: {had}\n    {should}" for language, had, should in wrong)
    assert right["all"] >= 0.99 * found["all"], report
    assert right["all"] >= 0.99 * wanted["all"], report


ENDED = re.compile(r"[.!?…。！？।॥؟۔։።][^\w\s]*\Z")


def in_fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def in_time(one: Gold, tokens: Callable[[str], list[str]] = TOKEN.findall) -> list[bool]:
    """For each of its pieces, whether it was let go with the token that completes it.

    A line without a mark at its end is completed by the end of the line. The last piece counts if it has one.
    """
    splitter, written, given = SentenceSplitter(), 0, 0
    timely: list[bool] = []
    for token in tokens(one.text):
        before, written = written, written + len(token)
        for piece in splitter.feed(token):
            given += len(piece)
            timely.append(before < given + (ENDED.search(piece) is None))
    rest = splitter.flush()
    return timely + [False] * bool(ENDED.search(rest))


def test_a_sentence_is_let_go_with_the_token_that_completes_it() -> None:
    answers, all_of_them = (
        [timely for one in gold() for timely in in_time(one) if which in one.language] for which in ("_", "")
    )
    fours = [timely for one in gold() for timely in in_time(one, in_fours)]
    for name, timely in (("answers", answers), ("all", all_of_them), ("all, in fours", fours)):
        print(f"{name}: {sum(timely) / len(timely):.1%} of {len(timely)} pieces with their last token")
    assert sum(all_of_them) >= 0.93 * len(all_of_them)
    assert sum(fours) >= 0.95 * len(fours)
    assert sum(answers) >= 0.98 * len(answers)
