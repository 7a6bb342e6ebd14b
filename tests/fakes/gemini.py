"""A Gemini on loopback: speaks streamGenerateContent and fails in every way that the real one is known to.

In a test: `async with open_fake_gemini(says("Hello.")) as fake:`. By hand, for a server to talk to:
`python -m tests.fakes.gemini --port 8800 --fail 0.2`.
"""

import argparse
import json
import random
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import trio

from tests.fakes import gemini_wire as wire
from tests.fakes.gemini_wire import Failure, Json
from tests.fakes.http import Listening, Request, Response, serve_http
from tests.fakes.report import Report, into, unheard

HEADERS = {
    "Content-Type": "text/event-stream",
    "Transfer-Encoding": "chunked",
    "Server": "scaffolding on HTTPServer2",
}


@dataclass(frozen=True)
class Begin:
    """Send the head of the response now; else it goes with the first chunk."""


@dataclass(frozen=True)
class Close:
    """Close the connection at once."""


Step: TypeAlias = str | float | Json | bytes | Failure | Begin | Close
"""A word to say, seconds to wait, a chunk as it is, raw bytes, an error, or one of the above."""

Script: TypeAlias = tuple[Step, ...]

END: Json = wire.chunk(wire.said(""), finish="STOP", usage=wire.USAGE)


def words_of(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)


def says(text: str, *, pace: float = 0, stall: float = 0, end: Json | None = END, at_once: int = 1) -> Script:
    """`text` in pieces of so many words, `pace` seconds a word, after `stall` seconds of silence."""
    steps: list[Step] = [stall]
    words = words_of(text)
    for first in range(0, len(words), at_once):
        piece = words[first : first + at_once]
        steps += ["".join(piece), pace * len(piece)]
    return (*steps, end) if end is not None else tuple(steps)


def dribbles(text: str, *, pace: float = 0) -> Script:
    """`text` a single character at a time."""
    return (*[step for sign in text for step in (sign, pace)], END)


@dataclass(eq=False)
class Asked:
    """One request that the fake had."""

    model: str
    key: str
    body: Json = field(repr=False)  # names in camel case
    http: Request

    @property
    def texts(self) -> list[tuple[str, list[str]]]:
        """Each content's role and its texts."""
        return [
            (content["role"], [part["text"] for part in content["parts"] if "text" in part])
            for content in self.body["contents"]
        ]

    @property
    def prompt(self) -> str:
        """What the user said; empty when the request has no text."""
        parts = [part for content in self.body.get("contents", ()) for part in content.get("parts", ())]
        return next((part["text"] for part in reversed(parts) if "text" in part), "")

    @property
    def closed_at(self) -> float | None:
        """When the client was seen to have closed the connection, trio.current_time()."""
        return self.http.connection.closed_at


def echo(asked: Asked, pace: float = 0) -> Script:
    """The same answer to the same prompt, and another to another."""
    return says(f"You said: {asked.prompt}. That is all I know about it.", pace=pace)


@dataclass(eq=False)
class FakeGemini:
    """What the fake was asked, and what it will do."""

    default: Callable[[Asked], Script]
    scripts: list[Script]  # one for each request to come; then the default
    by_key: dict[str, Script]  # what a key always gets
    keys: frozenset[str] | None  # those that are good; None takes any
    models: frozenset[str]
    report: Report = unheard
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    arrived: trio.Event = field(default_factory=trio.Event)  # set at the first request
    listening: Listening = field(default_factory=Listening)

    @property
    def requests(self) -> int:
        return len(self.asked)

    async def _handle(self, request: Request, response: Response) -> None:
        matched = re.fullmatch(r"/v1beta/models/([^/:]+):streamGenerateContent\?alt=sse", request.target)
        if request.method != "POST" or not matched:
            await response.whole(
                404, {"Content-Type": "text/html"}, b"<!DOCTYPE html><title>Error 404</title>"
            )
            return
        body, problem = wire.request(request.body)
        asked = Asked(matched[1], request.headers.get("x-goog-api-key", ""), body, request)
        self.asked.append(asked)
        self.arrived.set()
        try:
            await _perform(response, self._script(asked, problem))
        finally:
            self.report(asked.prompt, opened=request.at, left=asked.closed_at, closed=trio.current_time())

    def _script(self, asked: Asked, problem: str) -> Script:
        if not asked.key:
            return (wire.NO_KEY,)
        if asked.key in self.by_key:
            return self.by_key[asked.key]
        if self.keys is not None and asked.key not in self.keys:
            return (wire.WRONG_KEY,)
        if asked.model not in self.models:
            return (wire.no_model(asked.model),)
        if problem:
            return (wire.bad_argument(problem),)
        return self.scripts.pop(0) if self.scripts else self.default(asked)


async def _perform(response: Response, script: Iterable[Step]) -> None:
    for step in script:
        match step:
            case float() | int():
                await trio.sleep(step)
            case Close():
                await response.drop()
            case Begin():
                await _begin(response)
            case Failure() if not response.begun:
                head = {"Content-Type": "application/json; charset=UTF-8", **step.headers}
                await response.whole(step.code, head, json.dumps(step.json, indent=2).encode())
                return
            case _:
                await _begin(response)
                await response.send(_event(step))
    await _begin(response)
    await response.end()


async def _begin(response: Response) -> None:
    if not response.begun:
        await response.begin(200, HEADERS)


def _event(step: str | bytes | Json | Failure) -> bytes:
    match step:
        case bytes():
            return step
        case str():
            data = wire.chunk(wire.said(step))
        case Failure():
            data = step.json
        case _:
            data = step
    return f"data: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()


@asynccontextmanager
async def open_fake_gemini(
    *scripts: Script,
    default: Callable[[Asked], Script] = echo,
    by_key: Mapping[str, Script] | None = None,
    keys: Iterable[str] | None = None,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    report: Report = unheard,
) -> AsyncIterator[FakeGemini]:
    """Serve while the block runs. Each request follows the next of `scripts`, then `default`."""
    good = None if keys is None else frozenset(keys)
    fake = FakeGemini(default, list(scripts), dict(by_key or {}), good, frozenset({wire.MODEL}), report)
    async with serve_http(fake._handle, port=port, tls=tls) as fake.listening:
        fake.url = f"{'https' if tls else 'http'}://127.0.0.1:{fake.listening.port}"
        yield fake


@dataclass
class Moody:
    """Answers, and fails by chance: for finding out how a whole server bears it."""

    fail: float  # probability
    stall: float = 0  # seconds before the first word, of those that are stalled
    stalls: float = 0.1  # probability
    pace: float = 0.05  # seconds a word
    sentences: int = 4
    at_once: int = 1  # words in a chunk
    chance: random.Random = field(default_factory=random.Random)

    def __call__(self, asked: Asked) -> Script:
        stall = self.stall if self.chance.random() < self.stalls else 0.0
        sentences = (
            f" Sentence {number} of the answer to {asked.prompt} comes from a stand-in for Gemini."
            for number in range(1, self.sentences + 1)
        )
        answer = says("".join(sentences).lstrip(), pace=self.pace, stall=stall, at_once=self.at_once)
        return self._failing(answer) if self.chance.random() < self.fail else answer

    def _failing(self, answer: Script) -> Script:
        cut = answer[: self.chance.randrange(2, len(answer) - 1)]
        return self.chance.choice(
            [
                (wire.busy(),),
                (wire.INTERNAL,),
                (wire.quota("2s", "2"),),
                (Close(),),
                (*cut, Close()),
                (*cut, wire.busy()),
                (*cut, b'data: {"candidates": [{"cont\r\n\r\n'),
                cut,
                (3600.0,),
            ]
        )


def _main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.fakes.gemini", description=__doc__)
    options.add_argument("--port", type=int, default=8800)
    options.add_argument("--fail", type=float, default=0, help="probability that a request fails somehow")
    options.add_argument("--stall", type=float, default=0, help="seconds of silence before some answers")
    options.add_argument("--stalls", type=float, default=0.1, help="probability of such a silence")
    options.add_argument("--pace", type=float, default=0.05, help="seconds a word")
    options.add_argument("--sentences", type=int, default=4, help="of an answer")
    options.add_argument("--words", type=int, default=1, help="in a chunk; the real one has some ten")
    options.add_argument("--report", type=Path, help="a file for what is seen of each request")
    options.add_argument("--seed", type=int, default=None)
    given = options.parse_args()
    chance = random.Random(given.seed)
    mood = Moody(given.fail, given.stall, given.stalls, given.pace, given.sentences, given.words, chance)
    report = into(given.report) if given.report else unheard

    async def serve() -> None:
        async with open_fake_gemini(default=mood, port=given.port, report=report) as fake:
            set_up = f"LLM_PROVIDERS=gemini GEMINI_API_KEY=any GEMINI_BASE_URL={fake.url}"
            print(f"{set_up} just serve", flush=True)
            await trio.sleep_forever()

    try:
        trio.run(serve)
    except* KeyboardInterrupt:
        pass


if __name__ == "__main__":
    _main()
