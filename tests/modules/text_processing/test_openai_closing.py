"""On every way out of a stream of `openai` the socket behind it is closed, and nothing is left behind.

The other end of the socket keeps the time. One of several tries must be as fast as promised, and all of
them must close at all: so a busy machine is no failure, and a connection that is forgotten is one.
"""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import trio
import trio.testing

from nexy.config import ModelsConfig
from nexy.modules.text_processing import LanguageModel, Prompt
from nexy.modules.text_processing.providers import PROVIDERS
from tests.fakes.deaf import open_deaf, uncollected
from tests.fakes.openai import MODEL, Chat, OpenAIFake, Script, open_fake_openai, says, stalls

HELLO = Prompt("Hello")
TRIES = 5
PROMISED_SECONDS = 0.05
LIMIT_SECONDS = 10.0  # only when something is broken


@pytest.fixture
async def fake() -> AsyncIterator[OpenAIFake]:
    with trio.fail_after(LIMIT_SECONDS):
        async with open_fake_openai() as fake:
            yield fake


@pytest.fixture
async def model(fake: OpenAIFake) -> AsyncIterator[LanguageModel]:
    async with PROVIDERS["openai"](ModelsConfig(openai_base_url=fake.url, openai_model=MODEL)) as model:
        yield model


async def leave_by_break(model: LanguageModel) -> float:
    async with model.stream(HELLO) as pieces:
        async for _ in pieces:
            break
        return trio.current_time()


async def leave_by_an_error(model: LanguageModel) -> float:
    with pytest.raises(ZeroDivisionError):
        async with model.stream(HELLO) as pieces:
            await pieces.receive()
            left = trio.current_time()
            raise ZeroDivisionError
    return left


async def leave_by_cancelling_in_the_body(model: LanguageModel) -> float:
    with trio.CancelScope() as scope:
        async with model.stream(HELLO) as pieces:
            await pieces.receive()
            left = trio.current_time()
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    return left


async def leave_by_cancelling_in_receive(model: LanguageModel) -> float:
    async def listen() -> None:
        async with model.stream(HELLO) as pieces:
            async for _ in pieces:
                heard.set()

    heard = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await heard.wait()
        left = trio.current_time()
        nursery.cancel_scope.cancel()
    return left


LEAVING = [
    leave_by_break,
    leave_by_an_error,
    leave_by_cancelling_in_the_body,
    leave_by_cancelling_in_receive,
]
Leave = Callable[[LanguageModel], Awaitable[float]]


@pytest.mark.parametrize(
    "script", [stalls("Hello"), says(*["word "] * 5000, pace=0.001), stalls(*["word "] * 500)]
)
@pytest.mark.parametrize("leave", LEAVING)
async def test_leaving_closes_the_socket(
    fake: OpenAIFake, model: LanguageModel, leave: Leave, script: Script
) -> None:
    fake.script = script
    times = []
    for _ in range(TRIES):
        left = await leave(model)
        connection = fake.requests[-1].connection
        await connection.closed.wait()
        assert connection.closed_at is not None
        times.append(connection.closed_at - left)
    assert min(times) < PROMISED_SECONDS
    gc.collect()  # a generator that was forgotten would warn now
    await trio.testing.wait_all_tasks_blocked()


async def test_giving_up_before_the_first_word_closes_the_socket(
    fake: OpenAIFake, model: LanguageModel
) -> None:
    asked = trio.Event()

    async def script(_: Chat) -> None:
        asked.set()
        await trio.sleep_forever()

    async def give_up(asking: trio.CancelScope) -> None:
        await asked.wait()
        asking.cancel()

    fake.script = script
    async with trio.open_nursery() as nursery:
        nursery.start_soon(give_up, nursery.cancel_scope)
        async with model.stream(HELLO) as pieces:
            await pieces.receive()
    await fake.requests[-1].connection.closed.wait()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_giving_up_on_one_that_neither_reads_nor_speaks_closes_the_socket(scheme: str) -> None:
    """With https the handshake never ends; with http the sending of the request does not."""

    async def give_up(asking: trio.CancelScope) -> None:
        await deaf.taken.wait()
        asking.cancel()

    with uncollected(), trio.fail_after(LIMIT_SECONDS):
        async with open_deaf() as deaf, trio.open_nursery() as nursery:
            config = ModelsConfig(openai_base_url=f"{scheme}://127.0.0.1:{deaf.port}/v1", openai_model=MODEL)
            async with PROVIDERS["openai"](config) as model:
                with trio.CancelScope() as asking:
                    nursery.start_soon(give_up, asking)
                    async with model.stream(Prompt("x" * 10_000_000)) as pieces:
                        await pieces.receive()
                deaf.enough.set()
                await deaf.closed.wait()  # while the model is still open


async def test_closing_the_model_closes_what_was_kept_for_the_next_answer(fake: OpenAIFake) -> None:
    async with PROVIDERS["openai"](ModelsConfig(openai_base_url=fake.url, openai_model=MODEL)) as model:
        async with model.stream(HELLO) as pieces:
            async for _ in pieces:
                pass
        assert fake.http.open == 1
    while fake.http.open:  # noqa: ASYNC110 - bounded by the fixture
        await trio.sleep(0.001)
