"""An endpoint that speaks OpenAI's chat protocol, on this machine, with every fault that one can have.

By hand: `python -m tests.fakes.openai --port 8802`, and point `just serve` at it.
"""

import argparse
import json
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import trio

from tests.fakes.http import Listening, Request, Response, serve_http
from tests.fakes.openai_checks import problem_in

MODEL = "fake-model"
ANSWER = ("Hello", ", this", " is", " a", " fake", " model", ".", " It", " knows", " nothing", ".")


class Chat:
    """One request to be answered: what a script can do with it."""

    def __init__(self, fake: "OpenAIFake", body: dict[str, Any], response: Response) -> None:
        self.fake = fake
        self.body = body
        self.response = response

    async def begin(self, kind: str = "text/event-stream") -> None:
        """The head of the answer, once."""
        if not self.response.begun:
            await self.response.begin(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"})

    async def event(self, data: Any) -> None:
        await self.response.send(b"data: " + json.dumps(data).encode() + b"\n\n")

    def chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}

    async def text(self, text: str) -> None:
        await self.event(self.chunk({"content": text}))

    async def finish(self, reason: str = "stop", tokens: int = 11) -> None:
        """Why the model stopped, the usage if it was asked for, and the end of the stream."""
        await self.event(self.chunk({}, reason))
        if (self.body.get("stream_options") or {}).get("include_usage"):
            usage = {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens}
            await self.event({**self.chunk({}), "choices": [], "usage": usage})
        await self.done()

    async def done(self) -> None:
        await self.response.send(b"data: [DONE]\n\n")
        await self.response.end()

    async def refuse(
        self, status: int, error: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        described = {"message": "secret words of the endpoint", "type": None, "code": None, **(error or {})}
        head = {"Content-Type": "application/json", **(headers or {})}
        await self.response.whole(status, head, json.dumps({"error": described}).encode())


Script: TypeAlias = Callable[[Chat], Awaitable[None]]


def says(*texts: str, pace: float = 0.0, before: float = 0.0, finish: str = "stop") -> Script:
    """`texts` one by one: the first after `before` seconds, each other `pace` seconds later."""

    async def script(chat: Chat) -> None:
        await trio.sleep(before)
        await chat.begin()
        await chat.event(chat.chunk({"role": "assistant", "content": ""}))
        due = trio.current_time()
        for text in texts:
            await trio.sleep_until(due)
            await chat.text(text)
            due += pace
        await chat.finish(finish, len(texts))

    return script


def echoes(pace: float = 0.0) -> Script:
    """Says what was said last, word by word."""

    async def script(chat: Chat) -> None:
        said = chat.body["messages"][-1]["content"]
        text = said if isinstance(said, str) else said[0]["text"]
        first, *others = f"You said: {text}".split(" ")
        await says(first, *(f" {word}" for word in others), pace=pace)(chat)

    return script


def thinks(*thoughts: str, then: Script, name: str = "reasoning_content") -> Script:
    """Thoughts in a field of their own, then an answer."""

    async def script(chat: Chat) -> None:
        await chat.begin()
        for thought in thoughts:
            await chat.event(chat.chunk({name: thought}))
        await then(chat)

    return script


def refuses(
    status: int,
    code: str | int | None = None,
    type_: str | None = None,
    message: str | None = None,
    **headers: str,
) -> Script:
    """An error in place of an answer; `retry_after="3"` is a header."""

    async def script(chat: Chat) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        said = {"message": message} if message else {}
        await chat.refuse(status, {"code": code, "type": type_, **said}, named)

    return script


def stalls(*texts: str) -> Script:
    """`texts`, and then nothing for ever. Without any, not even the head of an answer."""

    async def script(chat: Chat) -> None:
        if texts:
            await chat.begin()
        for text in texts:
            await chat.text(text)
        await trio.sleep_forever()

    return script


def drops(*texts: str, reset: bool = False) -> Script:
    """`texts`, and then the connection breaks. Without any, before the head of the answer."""

    async def script(chat: Chat) -> None:
        if texts:
            await chat.begin()
        for text in texts:
            await chat.text(text)
        await trio.sleep(0.01 if reset else 0)  # a reset overtakes what the other side has not read yet
        await chat.response.drop(reset=reset)

    return script


def sends(*data: bytes, pace: float = 0.0, kind: str = "text/event-stream", end: bool = True) -> Script:
    """Any bytes as the body of an answer, `pace` seconds apart."""

    async def script(chat: Chat) -> None:
        await chat.begin(kind)
        for part in data:
            await chat.response.send(part)
            await trio.sleep(pace)
        if end:
            await chat.response.end()
        else:
            await trio.sleep_forever()

    return script


def sometimes(probability: float, bad: Script, good: Script, seed: int = 0) -> Script:
    """`bad` for that share of the requests, by chance; the same chance for the same seed."""
    chance = random.Random(seed)

    async def script(chat: Chat) -> None:
        await (bad if chance.random() < probability else good)(chat)

    return script


@dataclass(eq=False)
class OpenAIFake:
    """The endpoint. `script` answers each request that has nothing wrong in it."""

    script: Script
    key: str = ""  # the one that is asked for
    models: tuple[str, ...] = (MODEL,)
    not_taken: tuple[str, ...] = ()  # parameters that it complains of
    bodies: list[dict[str, Any]] = field(default_factory=list)  # in the order in which they came
    http: Listening = field(default_factory=Listening)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.port}/v1"

    @property
    def requests(self) -> list[Request]:
        return self.http.requests

    async def answer(self, request: Request, response: Response) -> None:
        chat = Chat(self, {}, response)
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            await chat.refuse(401, {"code": "invalid_api_key", "type": "invalid_request_error"})
        elif (request.method, request.target) == ("GET", "/v1/models"):
            listed = [{"id": name, "object": "model", "owned_by": "fake"} for name in self.models]
            data = json.dumps({"object": "list", "data": listed}).encode()
            await response.whole(200, {"Content-Type": "application/json"}, data)
        elif (request.method, request.target) == ("POST", "/v1/chat/completions"):
            await self._chat(chat, request.body)
        else:
            await chat.refuse(404, {"type": "invalid_request_error", "code": "unknown_url"})

    async def _chat(self, chat: Chat, sent: bytes) -> None:
        problem, chat.body = problem_in(sent, self.not_taken)
        self.bodies.append(chat.body)
        if problem:
            await chat.refuse(400, {"message": problem, "type": "invalid_request_error"})
        elif chat.body["model"] not in self.models:
            await chat.refuse(404, {"type": "invalid_request_error", "code": "model_not_found"})
        else:
            await self.script(chat)


@asynccontextmanager
async def open_fake_openai(
    script: Script | None = None, *, port: int = 0, key: str = "", not_taken: tuple[str, ...] = ()
) -> AsyncIterator[OpenAIFake]:
    """Serve the fake on 127.0.0.1 until the block is left; port 0 takes any free one."""
    fake = OpenAIFake(script or says(*ANSWER), key, not_taken=not_taken)
    async with serve_http(fake.answer, port=port) as fake.http:
        yield fake


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a fake of an OpenAI-compatible endpoint")
    parser.add_argument("--port", type=int, default=8802)
    parser.add_argument("--key", default="", help="the key that it asks for; none when left out")
    parser.add_argument("--answer", type=Path, help="a file with what it says, word by word")
    parser.add_argument("--before", type=float, default=0.3, help="seconds before the first piece")
    parser.add_argument("--pace", type=float, default=0.05, help="seconds between two pieces")
    parser.add_argument("--fail", type=float, default=0.0, help="share of requests that fail, 0 to 1")
    parser.add_argument("--fault", choices=sorted(_BY_HAND), default="busy", help="how they fail")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


_BY_HAND: dict[str, Script] = {
    "busy": refuses(503, retry_after="2"),
    "quota": refuses(429, "rate_limit_exceeded", retry_after="2"),
    "key": refuses(401, "invalid_api_key"),
    "silent": stalls(),
    "stall": stalls("Hello", ", this"),
    "drop": drops(),
    "break": drops("Hello", ", this"),
    "malformed": sends(b"data: {nonsense\n\n"),
    "blocked": says(finish="content_filter"),
    "empty": says(),
    "cut": says(*ANSWER, finish="length"),
}


async def _main() -> None:
    given = _arguments()
    words = re.findall(r"\s*\S+|\s+", given.answer.read_text()) if given.answer else ANSWER
    good = says(*words, pace=given.pace, before=given.before)
    script = sometimes(given.fail, _BY_HAND[given.fault], good, given.seed)
    async with open_fake_openai(script, port=given.port, key=given.key) as fake:
        key = f" OPENAI_API_KEY={given.key}" if given.key else ""
        print(f"LLM_PROVIDERS=openai OPENAI_BASE_URL={fake.url} OPENAI_MODEL={MODEL}{key}", flush=True)
        await trio.sleep_forever()


if __name__ == "__main__":
    try:
        trio.run(_main)
    except* KeyboardInterrupt:
        pass
