"""The body of Gemini's response, read by httpx2: what is given on of it, and how much of it is taken."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.gemini.body import CheckedBody
from nexy.modules.text_processing.providers.gemini.events import (
    MOST_ERROR_BYTES,
    MOST_EVENT_BYTES,
    Events,
)

PART = b"x" * 1000


class Sent(httpx2.AsyncByteStream):
    """A body that comes in these parts; how many were taken is counted."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self.taken = 0

    def __aiter__(self) -> "Sent":
        return self

    async def __anext__(self) -> bytes:
        for part in self._parts:
            self.taken += len(part)
            return part
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._parts = iter(())


async def read(
    sent: Sent, status: int = 200, headers: dict[str, str] | None = None
) -> tuple[bytes, ProviderError | None]:
    """What is given on of a response, and the error that ended it."""
    body = CheckedBody(httpx2.Response(status, headers=headers, stream=sent))
    came = b""
    try:
        async for part in body:
            came += part
    except ProviderError as error:
        return came, error
    finally:
        await body.aclose()
    return came, None


async def test_an_event_without_end_is_malformed_before_it_fills_the_memory() -> None:
    sent = Sent(chain([b"data: "], repeat(PART)))
    came, error = await read(sent)
    assert (came, error and error.fault) == (b"", Fault.MALFORMED)
    assert sent.taken <= MOST_EVENT_BYTES + len(PART)


async def test_what_was_good_before_an_event_without_end_is_given_on() -> None:
    came, error = await read(Sent(chain([b'data: {"a": 1}\n\ndata: '], repeat(PART))))
    assert (came, error and error.fault) == (b'data: {"a": 1}\n\n', Fault.MALFORMED)


async def test_many_events_may_be_more_than_one() -> None:
    event = b'data: {"a": "%b"}\n\n' % PART
    sent = Sent(repeat(event, 2 * MOST_EVENT_BYTES // len(event)))
    assert await read(sent) == (event * (2 * MOST_EVENT_BYTES // len(event)), None)


async def test_one_large_event_is_given_on() -> None:
    data = json.dumps({"a": "x" * (MOST_EVENT_BYTES - 100)}).encode()
    assert await read(Sent([b"data: ", data, b"\n", b"\n"])) == (b"data: " + data + b"\n\n", None)


@pytest.mark.parametrize(("status", "fault"), [(503, Fault.BUSY), (429, Fault.QUOTA), (403, Fault.KEY)])
async def test_an_errors_text_without_end_is_told_by_its_status(status: int, fault: Fault) -> None:
    sent = Sent(chain([b'{"error": {"message": "'], repeat(PART)))
    _, error = await read(sent, status, {"Retry-After": "7"})
    assert error is not None
    assert (error.fault, error.retry_after_seconds) == (fault, 7)
    assert sent.taken <= MOST_ERROR_BYTES + len(PART)


async def test_an_errors_text_is_given_on_as_it_is() -> None:
    assert await read(Sent([b'{"error"', b": 5}"]), 500) == (b'{"error": 5}', None)


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    ends = [*sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in zip([0, *ends], ends, strict=False):
        yield data[start:end]


@given(
    st.lists(st.binary(min_size=1, max_size=8).filter(lambda event: not set(event) & set(b"\r\n"))),
    st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r"]),
    st.lists(st.integers(0, 100), max_size=10),
)
def test_events_are_the_same_however_they_are_cut(
    sent: list[bytes], blank_line: bytes, places: list[int]
) -> None:
    events = Events()
    came = [
        event
        for part in cut(b"".join(one + blank_line for one in sent), places)
        for event in events.feed(part)
    ]
    assert came == sent
    assert events.rest() == []
