"""A model that says so many words at so many moments: for measuring, for tests, for demonstrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from nexy.config import ModelsConfig
from nexy.modules.text_processing.model import Piece, Prompt, Usage

WORDS_IN_SENTENCE = 12

# Plain words, none of which is also an abbreviation. There are 97 of them, a prime, so that the first
# 97 sentences all differ: an answer that lost, doubled or mixed up a sentence can be seen to.
_VOCABULARY = (
    "river bridge garden window silver morning letter market yellow simple travel winter summer table "
    "paper music story island forest mountain village street kitchen candle mirror button basket "
    "blanket feather pebble harbor lantern meadow orchard pocket ribbon shadow thunder valley whisper "
    "anchor bottle carpet desert engine finger guitar hammer insect jacket kettle ladder magnet needle "
    "orange pencil quiet rabbit saddle ticket umbrella velvet wagon yesterday zebra apple bread cloud "
    "dance eagle flame grass house juice knife lemon metal night ocean piano queen robot stone tiger "
    "uncle voice water young breeze copper dinner evening flower gentle honey pillow spring"
)


def _pieces() -> tuple[str, ...]:
    """All the pieces there are, in order, each as it is when it is not the first of an answer."""
    vocabulary = _VOCABULARY.split()
    words = [vocabulary[n % len(vocabulary)] for n in range(len(vocabulary) * WORDS_IN_SENTENCE)]
    words[::WORDS_IN_SENTENCE] = [word.capitalize() for word in words[::WORDS_IN_SENTENCE]]
    last = WORDS_IN_SENTENCE - 1
    words[last::WORDS_IN_SENTENCE] = [word + "." for word in words[last::WORDS_IN_SENTENCE]]
    return tuple(" " + word for word in words)


_PIECES = _pieces()
_FIRST = _PIECES[0].lstrip()


class _Script(trio.abc.ReceiveChannel[Piece]):
    """The words when they are due, then the usage. No task, no queue, no list; one reader at a time."""

    def __init__(self, words: int, word_seconds: float, prompt: Prompt) -> None:
        self._words = words
        self._word_seconds = word_seconds
        self._prompt = prompt
        self._next = 0
        self._start = trio.current_time() if prompt.asked_at is None else prompt.asked_at

    def __repr__(self) -> str:
        return f"<Script: {min(self._next, self._words)} of {self._words} words said>"

    async def receive(self) -> Piece:
        word = self._next
        if word >= self._words:
            return await self._receive_end()
        due = self._start + word * self._word_seconds
        if due > trio.current_time():
            await trio.sleep_until(due)
        else:
            await trio.lowlevel.checkpoint()
        self._next = word + 1  # only now: a cancelled wait loses no word
        return _PIECES[word % len(_PIECES)] if word else _FIRST

    async def _receive_end(self) -> Usage:
        await trio.lowlevel.checkpoint()
        if self._next > self._words:
            raise trio.EndOfChannel
        self._next += 1
        return Usage(len(self._prompt.said.split()), self._words, "scripted")

    async def aclose(self) -> None:
        self._next = self._words + 1
        await trio.lowlevel.checkpoint()


@dataclass(slots=True)
class ScriptedModel:
    """Answers everything with the same sentences of twelve words.

    Word n, counted from 0, is due n x `word_seconds` after the request (Prompt.asked_at). The times
    are absolute, so nothing drifts: a reader that is late gets the overdue words at once.
    """

    sentences: int
    word_seconds: float
    name: str = "scripted"

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        yield _Script(self.sentences * WORDS_IN_SENTENCE, self.word_seconds, prompt)


@asynccontextmanager
async def open_scripted(config: ModelsConfig) -> AsyncIterator[ScriptedModel]:
    """Open the scripted model; it holds nothing that must be closed."""
    yield ScriptedModel(config.scripted_sentences, config.scripted_word_seconds)
