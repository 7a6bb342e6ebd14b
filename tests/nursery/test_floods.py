"""Connections that ask for too much: streams, headers, frames that do no work."""

from typing import Any

import grpc
import pytest
import trio
from h2.settings import SettingCodes
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.nursery.serving import COUNT, ECHO, STAY, ask, client, comes, serve


async def test_a_stream_too_many_is_refused_and_the_connection_lives() -> None:
    async with serve(max_streams_per_connection=2) as served, client(served) as one:
        assert one.h2.remote_settings.max_concurrent_streams == 2
        first, second = await one.call(STAY), await one.call(STAY)
        one.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 100  # it does not care
        one.h2.remote_settings.acknowledge()
        third = await one.call(ECHO, bytes(10_000))
        await one.read_until(lambda: one.ended(third))
        assert one.reset(third) == "REFUSED_STREAM"
        one.h2.reset_stream(first)
        await one.flush()
        assert await one.echoes()
        assert not one.ended(second)
        assert served.listener.turned_away == {"streams": 1}


async def test_the_official_client_waits_for_its_turn_when_it_has_too_many_calls() -> None:
    async with serve(max_streams_per_connection=3) as served:
        with grpc.insecure_channel(served.listener.address) as channel:

            async def ask_often() -> None:
                for n in range(10):
                    assert await trio.to_thread.run_sync(ask, channel, b"%d" % n) == b"%d" % n

            async with trio.open_nursery() as many:
                for _ in range(12):
                    many.start_soon(ask_often)


async def test_headers_that_are_too_large_end_their_call_only() -> None:
    async with serve() as served, client(served) as one:
        assert one.h2.remote_settings.max_header_list_size == 16_384
        stream = await one.call(ECHO, b"", ("much", "x" * 20_000))
        await one.read_until(lambda: one.ended(stream))
        assert one.reset(stream) == "ENHANCE_YOUR_CALM"
        assert await one.echoes()
        assert served.listener.turned_away == {"headers": 1}


async def test_headers_that_are_much_too_large_end_the_connection() -> None:
    async with serve() as served, client(served) as one:
        bomb = Encoder().encode([("a", "x" * 4_000)]) + b"\xbe" * 10_000  # 40 MB, once it is unfolded
        await one.send(HeadersFrame(1, bomb, flags=["END_HEADERS"]))
        await one.until_closed()
        assert one.goaway == "ENHANCE_YOUR_CALM"
        assert served.listener.turned_away == {"headers": 1}


async def test_headers_without_an_end() -> None:
    async with serve() as served, client(served) as one:
        await one.send(HeadersFrame(1, b"\x82"))
        for _ in range(10):
            await one.send(ContinuationFrame(1, bytes(16_000)))
        await one.until_closed()
        assert served.listener.turned_away == {"headers": 1}


@pytest.mark.parametrize(
    "wrong",
    [("grpc-timeout", "9" * 400 + "H"), ("x-bin", "й"), ("x-bin", "a")],
)
async def test_headers_that_cannot_be_right_end_their_call_only(wrong: tuple[str, str]) -> None:
    async with serve() as served, client(served) as one:
        stream = await one.call(ECHO, b"", wrong)
        await one.read_until(lambda: one.ended(stream))
        assert one.reset(stream) == "PROTOCOL_ERROR"
        assert await one.echoes()


async def test_headers_without_a_path_end_their_call_only() -> None:
    async with serve() as served, client(served) as one:
        stream = one.h2.get_next_available_stream_id()
        one.h2.send_headers(stream, [("x", "y")], end_stream=True)
        await one.flush()
        await one.read_until(lambda: one.ended(stream))
        assert one.reset(stream) == "PROTOCOL_ERROR"
        assert await one.echoes()


async def test_a_frame_that_says_it_has_sixteen_megabytes_is_not_waited_for() -> None:
    async with serve() as served, client(served) as one:
        await one.stream.send_all(b"\xff\xff\xff\0\0\0\0\0\1" + bytes(20_000))
        await one.until_closed()
        assert one.goaway == "FRAME_SIZE_ERROR"


def _opened_and_cancelled(stream: int) -> list[Frame]:
    return [_open(stream), RstStreamFrame(stream, error_code=8)]


def _open(stream: int) -> Frame:
    fields = [(":method", "POST"), (":path", STAY), ("te", "trailers"), ("content-type", "application/grpc")]
    return HeadersFrame(stream, Encoder().encode(fields), flags=["END_HEADERS"])


FLOODS: dict[str, Any] = {
    "ping": lambda _: [PingFrame(0, opaque_data=b"12345678")],
    "settings": lambda n: [SettingsFrame(0, settings={4: 70_000 + n})],
    "priority": lambda n: [PriorityFrame(2 * n + 1, depends_on=0, stream_weight=1)],
    "rapid reset": lambda n: _opened_and_cancelled(2 * n + 1),
    "window update": lambda _: [WindowUpdateFrame(0, window_increment=1)],
    "unknown": lambda n: [ExtensionFrame(0xFA, stream_id=n)],
    "empty data": lambda n: [_open(1)] if n == 0 else [DataFrame(1)],
    "tiny data": lambda n: [_open(1)] if n == 0 else [DataFrame(1, b"\0")],
    "a reset of nothing": lambda n: [_open(1)] if n == 0 else [RstStreamFrame(1, error_code=8)],
    "reset and opened": lambda n: _opened_and_cancelled(1) if n == 0 else [DataFrame(1, b"x")],
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_of_frames_that_do_no_work(kind: str) -> None:
    async with serve() as served, client(served) as good, client(served) as bad:
        for start in range(0, 10_000, 500):
            await bad.send(*[frame for n in range(start, start + 500) for frame in FLOODS[kind](n)])
            if bad.closed:
                break
        await bad.until_closed()
        assert bad.goaway in ("ENHANCE_YOUR_CALM", None)  # None: the kernel has dropped what we did not read
        assert served.listener.turned_away == {"flood": 1}
        assert await good.echoes()
        assert await comes(lambda: served.listener.connections == 1)


async def test_a_proxy_whose_users_all_cancel_is_none() -> None:
    async with serve() as served, client(served) as proxy:
        for _ in range(4):
            calls = [await proxy.call(COUNT) for _ in range(100)]
            for stream in calls[:99]:
                proxy.h2.reset_stream(stream, 8)
            await proxy.flush()
            await proxy.read_until(lambda: proxy.h2.open_outbound_streams <= 99)
            proxy.h2.reset_stream(calls[99], 8)
            await proxy.flush()
            await trio.sleep(0.1)
        assert await proxy.echoes(), proxy.events[-5:]
        assert not served.listener.turned_away


async def test_a_client_that_takes_everything_in_small_bites_is_none() -> None:
    """Each frame that it gets is acknowledged twice."""
    async with serve() as served, client(served) as one:
        stream = await one.call(COUNT)
        got = 0
        with trio.fail_after(10):
            while got < 20_000_000 and not one.closed:
                data = await one.stream.receive_some(65_536)
                for event in one.h2.receive_data(data):
                    if hasattr(event, "flow_controlled_length"):
                        got += event.flow_controlled_length
                        one.h2.increment_flow_control_window(event.flow_controlled_length)
                        one.h2.increment_flow_control_window(event.flow_controlled_length, stream)
                await one.flush()
        assert not served.listener.turned_away
