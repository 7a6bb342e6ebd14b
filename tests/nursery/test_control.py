"""The line between a supervisor and a worker, over a real pair of sockets."""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.nursery import control as module
from nexy.nursery.control import Control, Gone, Unable


async def double(question: Mapping[str, Any]) -> Any:
    """An answer that may take its time."""
    await trio.sleep(question.get("seconds", 0))
    return question["value"] * 2


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Control, Control]]:
    """Both ends, run."""
    one, other = (Control(end) for end in socket.socketpair())
    async with aclosing(one), aclosing(other), trio.open_nursery() as nursery:
        for end in (one, other):
            nursery.start_soon(end.run, double)
        yield one, other
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def by_hand() -> AsyncIterator[tuple[Control, trio.SocketStream]]:
    """One end that is run, and a bare socket; the end that is run must end by itself."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    end, bare = Control(ours), trio.SocketStream(trio.socket.from_stdlib_socket(theirs))
    async with aclosing(end), bare:
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(end.run, double)
                yield end, bare


async def gone(end: Control, **question: Any) -> None:
    with pytest.raises(Gone):
        await end.ask(question)


async def test_both_ask_and_answer() -> None:
    async with line() as (one, other):
        assert await one.ask({"value": 2}) == 4
        assert await other.ask({"value": "ab"}) == "abab"
        assert await one.ask({"value": "é\n"}) == "é\né\n"


async def test_many_at_once_each_have_their_own_answer(autojump_clock: MockClock) -> None:
    answers: dict[int, int] = {}

    async def ask(end: Control, value: int) -> None:
        answers[value] = await end.ask({"value": value, "seconds": (value * 7) % 5})

    async with line() as ends, trio.open_nursery() as nursery:
        for value in range(200):
            nursery.start_soon(ask, ends[value % 2], value)
    assert answers == {value: 2 * value for value in range(200)}
    assert trio.current_time() == 4


async def test_what_is_long_goes_both_ways_at_once() -> None:
    text = "x" * 2_000_000
    async with line() as (one, other), trio.open_nursery() as nursery:

        async def ask(end: Control) -> None:
            assert await end.ask({"value": text}) == text * 2

        for _ in range(3):
            nursery.start_soon(ask, one)
            nursery.start_soon(ask, other)


async def test_who_does_not_answer_in_time_is_gone_and_the_late_answer_for_nobody(
    autojump_clock: MockClock,
) -> None:
    async with line() as (one, _):
        with pytest.raises(Gone):
            await one.ask({"value": 1, "seconds": 3}, 2)
        assert trio.current_time() == 2
        assert repr(one) == "<Control open asked=0>"
        await trio.sleep(2)
        assert await one.ask({"value": 5}, 2) == 10


@pytest.mark.parametrize(
    "question",
    [{"secret": 1}, {"value": None}, {"value": 3, "seconds": "long"}],  # each is another error of `double`
)
async def test_who_cannot_find_the_answer_says_so_and_goes_on(
    question: dict[str, Any],
) -> None:
    async with line() as (one, other):
        with pytest.raises(Unable):
            await one.ask(question, 5)
        assert await one.ask({"value": 4}, 5) == 8
        assert await other.ask({"value": 5}, 5) == 10


@pytest.mark.parametrize("answer", [{1, 2}, b"bytes", object()])
async def test_an_answer_that_is_no_json_is_none(answer: object) -> None:
    async def odd(question: Mapping[str, Any]) -> Any:
        return answer if question["value"] else "well"

    one, other = (Control(end) for end in socket.socketpair())
    async with aclosing(one), aclosing(other), trio.open_nursery() as nursery:
        nursery.start_soon(one.run, double)
        nursery.start_soon(other.run, odd)
        with pytest.raises(Unable):
            await one.ask({"value": 1}, 5)
        assert await one.ask({"value": 0}, 5) == "well"
        nursery.cancel_scope.cancel()


async def test_the_other_side_goes_in_the_middle_of_a_question() -> None:
    async with by_hand() as (end, bare), trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(gone, end)
        await wait_all_tasks_blocked()
        assert repr(end) == "<Control open asked=3>"
        await bare.aclose()
        nursery.start_soon(gone, end)
    assert repr(end) == "<Control gone asked=0>"
    await gone(end)  # and later


async def test_the_other_side_goes_before_it_has_read_the_question() -> None:
    async with by_hand() as (end, bare), trio.open_nursery() as nursery:
        nursery.start_soon(partial(gone, end, value="x" * 4_000_000))
        await wait_all_tasks_blocked()
        await bare.aclose()


async def test_the_other_side_goes_while_it_is_answered(autojump_clock: MockClock) -> None:
    async with by_hand() as (_, bare):
        await bare.send_all(b'{"number": 1, "ask": {"value": 1, "seconds": 60}}\n')
        await trio.sleep(1)
        await bare.aclose()
    assert trio.current_time() == 1


async def test_who_gives_up_in_the_middle_of_asking_leaves_the_line_whole() -> None:
    """Here while the line is full: what went out of the question must go out to its end."""
    async with by_hand() as (end, bare), trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(partial(gone_in_time, end, value="x" * 1_000_000))
        await wait_all_tasks_blocked()
        await trio.sleep(0.2)
        buffer = bytearray()

        async def serve() -> None:
            nonlocal buffer
            while piece := await bare.receive_some():
                *lines, rest = (bytes(buffer) + piece).split(b"\n")
                buffer = bytearray(rest)
                for one in map(json.loads, lines):
                    told = {"number": one["number"], "answer": len(one["ask"]["value"])}
                    await bare.send_all(json.dumps(told).encode() + b"\n")

        nursery.start_soon(serve)
        assert await end.ask({"value": "short"}, 5) == 5
        nursery.cancel_scope.cancel()
        await bare.aclose()


async def gone_in_time(end: Control, **question: Any) -> None:
    with pytest.raises(Gone):
        await end.ask(question, 0.1)


@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\n",
        b"\xff\xfe\n",
        b"\n",
        b"7\n",
        b"[1]\n",
        b"{}\n",
        b'{"number": 1}\n',
        b'{"number": [1], "answer": 1}\n',
        b'{"ask": {"value": 1}}\n',
        b'{"number": 2, "ask": "nonsense"}\n',
        b'{"number": 2, "ask": 7}\n',
        b"[" * 100_000 + b"\n",
        b'{"number": 1, "answer": 1}' * 2 + b"\n",
    ],
)
async def test_what_is_no_line_ends_it_and_nothing_else(said: bytes) -> None:
    async with by_hand() as (end, bare), trio.open_nursery() as nursery:
        nursery.start_soon(gone, end)
        await wait_all_tasks_blocked()
        await bare.send_all(said)
    assert repr(end) == "<Control gone asked=0>"


async def test_a_line_that_does_not_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100_000)
    async with by_hand() as (_, bare):
        with trio.move_on_after(0.5):
            await bare.send_all(b"x" * 4_000_000)


async def test_answers_that_nobody_waits_for_harm_nothing() -> None:
    async with by_hand() as (end, bare), trio.open_nursery() as nursery:
        nursery.start_soon(answered, end, 3)
        assert await bare.receive_some() == b'{"number": 1, "ask": {"value": 1}}\n'
        await bare.send_all(b'{"number": 77, "answer": 1}\n{"number": 1, "answer": 3}\n')
        await bare.send_all(b'{"number": 1, "answer": 4}\n')
        await wait_all_tasks_blocked()
        assert repr(end) == "<Control open asked=0>"
        await bare.send_all(b'{"number": 1, "ask": {"value": 4}}\n')
        assert (await bare.receive_some()).endswith(b'{"number": 1, "answer": 8}\n')
        await bare.aclose()


async def answered(end: Control, what: int) -> None:
    assert await end.ask({"value": 1}) == what
