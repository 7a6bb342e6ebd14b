"""What making text speakable costs: no server, one core, the process's own clock."""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measures import Figure
from nexy.modules.text_filtering import Reader, SentenceSplitter, load, speakable

ANSWERS = Path(__file__).parent.parent / "tests" / "data" / "sentences" / "en_answers.txt"
DENSE = "On Nov 26, 2026 at 5:30 p.m., Dr. Brown paid $1,299.99 for 5 km of 3/4 inch cable at 20 °C."
TIMES = 5  # each is done so often; the best counts, as nothing but the machine can make one slower
TOKEN_CHARS = 4  # of a model, on the average
MEGABYTE = 1_000_000


def prose() -> str:
    """A megabyte of plain answers."""
    lines = [line for line in ANSWERS.read_text().splitlines() if not line.startswith("#")]
    text = " ".join(line.replace("¦", "") for line in lines) + " "
    return (text * (MEGABYTE // len(text) + 1))[:MEGABYTE]


def seconds(work: Callable[[], object]) -> float:
    """The shortest of several tries."""
    tries = []
    for _ in range(TIMES):
        began = time.process_time()
        work()
        tries.append(time.process_time() - began)
    return min(tries)


async def speaking() -> list[Figure]:
    """Plain prose by the megabyte, a dense sentence, and the live path token by token."""
    load()
    text = prose()
    pieces = _split(text)
    dense = seconds(lambda: [speakable(DENSE) for _ in range(200)]) / 200
    tokens = [text[at : at + TOKEN_CHARS] for at in range(0, 200_000, TOKEN_CHARS)]
    return [
        Figure("plain prose made speakable, a megabyte", seconds(lambda: _say(pieces)) * 1e3, "ms", 100),
        Figure("split and made speakable, a megabyte", seconds(lambda: _say(_split(text))) * 1e3, "ms", 100),
        Figure("a sentence dense with figures", dense * 1e6, "µs", 1000),
        Figure(
            "live, a token: split, language, speakable",
            seconds(lambda: _read(tokens)) / len(tokens) * 1e6,
            "µs",
            50,
        ),
    ]


def _split(text: str) -> list[str]:
    splitter = SentenceSplitter()
    return [*splitter.feed(text), splitter.flush()]


def _say(pieces: list[str]) -> None:
    for piece in pieces:
        speakable(piece)


def _read(tokens: list[str]) -> None:
    reader = Reader("en")
    for token in tokens:
        reader.feed(token)
