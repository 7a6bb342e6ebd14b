"""The endpoint's answer, without any I/O: bytes in, texts and faults out."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from nexy.errors import Fault
from nexy.modules.text_processing.model import Usage
from nexy.modules.text_processing.providers.openai.events import Events, TooLong
from nexy.modules.text_processing.providers.openai.faults import failure, of_error
from nexy.modules.text_processing.providers.openai.thoughts import Thoughts


class Reading:
    """One answer as it comes. The texts that are ready are given before ProviderError is raised."""

    def __init__(self, model: str) -> None:
        self.done = False  # the endpoint said that nothing follows
        self.finish = ""  # why the model stopped; "" while it has not
        self.usage: Usage | None = None
        self._model = model
        self._events = Events()
        self._thoughts = Thoughts()
        self._half = ""  # the first half of a character whose other half has not come
        self.answered = False  # text has come

    def __repr__(self) -> str:
        return f"<Reading finish={self.finish!r} done={self.done}>"

    def feed(self, received: bytes) -> Iterator[str]:
        """What more bytes bring."""
        try:
            events = self._events.feed(received)
        except TooLong:
            raise failure(Fault.MALFORMED) from None
        yield from self._read(events)

    def whole(self, body: bytes) -> Iterator[str]:
        """What an endpoint brings that does not stream: all of it, as one JSON object."""
        yield from self._read([body])
        self.done = True

    def end(self) -> Iterator[str]:
        """What was held back, when nothing more comes; then the fault of the answer, if it has one."""
        yield from self._read(self._events.end())
        text = _mended(self._thoughts.end() + self._half)
        if text:
            self.answered = True
            yield text

    def check(self) -> None:
        """Raise ProviderError when the answer that is at its end was no good one."""
        if self.finish == "content_filter":
            raise failure(Fault.BLOCKED)
        if not self.finish and not self.done:
            raise failure(Fault.DROPPED)
        if not self.answered:
            raise failure(Fault.EMPTY)
        if self.finish == "length":
            raise failure(Fault.CUT)

    def _read(self, events: Iterable[bytes]) -> Iterator[str]:
        for event in events:
            if self.done or event.strip() == b"[DONE]":
                self.done = True
                return
            if text := self._ready(self._delta(event)):
                self.answered = True
                yield text

    def _delta(self, event: bytes) -> str:
        """The text in one event, thoughts and all."""
        try:
            chunk = json.loads(event)
        except (ValueError, RecursionError):
            raise failure(Fault.MALFORMED) from None
        if not isinstance(chunk, dict):
            raise failure(Fault.MALFORMED)
        if error := chunk.get("error") or (chunk.get("object") == "error" and chunk):
            raise failure(of_error(error))
        self._count(chunk)
        choices = chunk.get("choices") or [{}]
        if not isinstance(choices, list) or not isinstance(choices[0], dict):
            raise failure(Fault.MALFORMED)
        return self._chosen(choices[0])

    def _chosen(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta") or choice.get("message") or {}
        content = delta.get("content") if isinstance(delta, dict) else 0
        if not isinstance(content, str | None):
            raise failure(Fault.MALFORMED)
        if delta.get("refusal"):
            raise failure(Fault.BLOCKED)
        if finish := choice.get("finish_reason"):
            self.finish = str(finish)
        return content or ""

    def _count(self, chunk: dict[str, Any]) -> None:
        """Keep what the answer cost: the last count is the one of the whole."""
        counts = chunk.get("usage")
        if not isinstance(counts, dict):
            return
        told, said = counts.get("prompt_tokens"), counts.get("completion_tokens")
        if isinstance(told, int) and isinstance(said, int) and told >= 0 and said >= 0:
            self.usage = Usage(told, said, str(chunk.get("model") or self._model))

    def _ready(self, text: str) -> str:
        """What of `text` belongs to the answer and is whole."""
        text = self._half + self._thoughts.feed(text)
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return _mended(text[:-1] if self._half else text)


def _mended(text: str) -> str:
    """`text` with the halves of characters joined, and those without another half replaced."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
