"""Sentences: where texts are cut, how soon and how fast, beside the libraries that others use."""

import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from benchmarks.measures import Figure
from nexy.modules.text_filtering import SentenceSplitter, language_of
from tests.modules.text_filtering.test_sentences_gold import Gold, cuts, gold, in_time, split

Ends: TypeAlias = set[int]  # where the sentences of a text end
Peer: TypeAlias = Callable[[Gold], Ends]

TOKEN_CHARS = 4
FIRST_WORDS = 3  # as the reader asks for
HOSTILE_CHARS = 1_000_000
HOSTILE = (
    ". ", "?!", '" ', ' "A. ', "|\n", "| a | b |\n", "`", "```\n", "1", "1. ", "(a. ", " ", "\n  ", "a.b.c. ",
    "Dr. ", "J. ", "e.g. ", "p. ", "s. X", "im 3. ", "No. ", "1)\n", "-\n", "*\n", "a:\n", "**a.** ", "好。",
)  # fmt: skip
PARAGRAPH = """\
The lighthouse stood at the end of a long stone pier, and its keeper had lived there since he was a boy. \
Every evening he climbed the stairs, lit the lamp and wrote down what the sea was doing. Ships came and \
went, but few of their crews ever knew his name. When the fog rolled in he rang a bell that could be \
heard across the whole bay! On calm days he grew beans behind the tower. Would he have liked another life?

"""


async def splitting(rounds: int) -> list[Figure]:
    """The splitter alone, on texts of which it is known where they are to be cut."""
    texts = gold()
    answers = [one for one in texts if one.language.endswith("_answers")]
    prose = [one for one in texts if "\n" not in one.text]
    worst = max((_seconds([(bit * HOSTILE_CHARS)[:HOSTILE_CHARS]], 2), bit) for bit in HOSTILE)
    print(f"worst of 1 MB: {worst[1]!r}", file=sys.stderr)
    return [
        Figure("sentences, all texts: 100 % − F1", _off("nexy", texts, _nexy), "%", 1),
        Figure("sentences, prose: 100 % − F1", _off("nexy", prose, _nexy), "%", 1),
        Figure("not let go with their last token, answers", _late(answers), "%", 5),
        Figure("not let go with their last token, hard cases too", _late(texts), "%", 5),
        *_alone(rounds),
        Figure("1 MB of the worst hostile text, split", worst[0], "s", 1),
        *_peers(prose),
    ]


def _alone(rounds: int) -> Iterator[Figure]:
    text = PARAGRAPH * (1_000_000 // len(PARAGRAPH))
    yield Figure("1 MB of prose, split", _seconds([text], rounds) * 1000, "ms", 50)
    tokens = [text[at : at + TOKEN_CHARS] for at in range(0, 200_000, TOKEN_CHARS)]
    yield Figure("a token, split", _seconds(tokens, rounds) / len(tokens) * 1e6, "µs", 50)


def _seconds(feeds: Iterable[str], rounds: int) -> float:
    """The fastest of some rounds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        splitter = SentenceSplitter(first=FIRST_WORDS)
        for text in feeds:
            splitter.feed(text)
        splitter.flush()
        times.append(time.perf_counter() - began)
    return min(times)


def _off(name: str, texts: list[Gold], ends: Peer) -> float:
    """100 % less the F1 of a splitter."""
    right = found = wanted = 0
    for text in texts:
        should, has = cuts(text.pieces), ends(text)
        right, found, wanted = right + len(should & has), found + len(has), wanted + len(should)
    print(
        f"{name}, {len(texts)} texts: precision {right / found:.1%}, recall {right / wanted:.1%}",
        file=sys.stderr,
    )
    return 100 * (1 - 2 * right / (found + wanted))


def _late(texts: list[Gold]) -> float:
    timely = [one for text in texts for one in in_time(text)]
    return 100 * (1 - sum(timely) / len(timely))


def _nexy(text: Gold) -> Ends:
    return cuts(split(text.text))


def _peers(prose: list[Gold]) -> Iterator[Figure]:
    """Those that are installed: `uv pip install --group bench`. Markdown is not for them."""
    for name, make in PEERS.items():
        try:
            ends = make(prose)
        except ImportError:
            print(f"{name}: not installed, left out", file=sys.stderr)
            continue
        began = time.perf_counter()
        off = _off(name, prose, ends)
        seconds = time.perf_counter() - began
        chars = sum(len(text.text) for text in prose)
        print(f"{name}: {chars / seconds / 1e6:.2f} million characters a second", file=sys.stderr)
        yield Figure(f"sentences, prose: 100 % − F1, {name}", off, "%", 100)


def _ends_of(text: str, sentences: Iterable[str]) -> Ends:
    """Where they end, the last one aside; white space between them is not part of them."""
    ends, at = [], 0
    for sentence in sentences:
        if said := sentence.strip():
            at = text.index(said, at) + len(said)
            ends.append(at)
    return set(ends[:-1])


def _language(text: Gold) -> str:
    return language_of(text.text, "en") if text.language == "unseen" else text.language[:2]


def _blingfire(_: list[Gold]) -> Peer:
    blingfire: Any = importlib.import_module("blingfire")
    return lambda text: _ends_of(text.text, blingfire.text_to_sentences(text.text).split("\n"))


def _pysbd(_: list[Gold]) -> Peer:
    pysbd: Any = importlib.import_module("pysbd")
    known = importlib.import_module("pysbd.languages").LANGUAGE_CODES
    segmenters = {code: pysbd.Segmenter(language=code, clean=False) for code in known}

    def ends(text: Gold) -> Ends:
        segmenter = segmenters.get(_language(text), segmenters["en"])
        return _ends_of(text.text, segmenter.segment(text.text))

    return ends


def _nltk(prose: list[Gold]) -> Peer:
    """Punkt, which has learnt from these very texts: its own models are not in a package."""
    punkt: Any = importlib.import_module("nltk.tokenize.punkt")
    trainer = punkt.PunktTrainer()
    for text in prose:
        trainer.train(text.text, finalize=False)
    tokenizer = punkt.PunktSentenceTokenizer(trainer.get_params())
    return lambda text: _ends_of(text.text, tokenizer.tokenize(text.text))


def _sentencex(_: list[Gold]) -> Peer:
    sentencex: Any = importlib.import_module("sentencex")

    def ends(text: Gold) -> Ends:
        return _ends_of(text.text, sentencex.segment(_language(text), text.text))

    return ends


PEERS: dict[str, Callable[[list[Gold]], Peer]] = {
    "blingfire": _blingfire,
    "pysbd": _pysbd,
    "nltk": _nltk,
    "sentencex": _sentencex,
}
