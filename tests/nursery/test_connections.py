"""Connections that are too many, too slow or too busy, over real sockets."""

import asyncio
import gc
import ssl
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio
import trustme
from hyperframe.frame import (
    PingFrame,
)

from tests.nursery.serving import COUNT, ECHO, STAY, Raw, ask, client, comes, raw, serve

HEALTH = "/grpc.health.v1.Health/Check"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


async def test_one_too_many_is_sent_away_and_there_is_room_again() -> None:
    async with serve(max_connections=2) as served:
        async with client(served) as one, client(served) as two:
            async with raw(served) as three:
                await three.until_closed()
                assert three.goaway == "ENHANCE_YOUR_CALM"
            assert await one.echoes()
            assert await two.echoes()
        assert served.listener.turned_away == {"connections": 1}
        assert await comes(lambda: served.listener.connections == 0)
        async with client(served) as four:
            assert await four.echoes()


async def test_one_too_many_from_one_address() -> None:
    async with serve(max_connections_per_address=1) as served, client(served) as one, raw(served) as two:
        await two.until_closed()
        assert await one.echoes()
        assert served.listener.turned_away == {"address": 1}


@pytest.mark.parametrize(
    "said", [b"", PREFACE[:7], PREFACE], ids=["nothing", "half a preface", "no settings"]
)
async def test_a_client_that_does_not_shake_hands(said: bytes) -> None:
    async with serve(handshake_seconds=0.2) as served:
        async with client(served) as good, raw(served) as silent:
            await silent.stream.send_all(said)
            await silent.until_closed()
            assert await good.echoes()
        assert served.listener.turned_away == {"handshake": 1}
        assert await comes(lambda: served.listener.connections == 0)


async def test_a_connection_without_a_call_is_closed_and_one_with_a_call_is_not() -> None:
    async with serve(connection_idle_seconds=0.3) as served, client(served) as idle, client(served) as busy:
        await busy.call(STAY)
        assert await idle.echoes()
        await idle.until_closed()
        assert idle.goaway == "NO_ERROR"
        await trio.sleep(0.3)
        assert await busy.echoes()
        assert served.listener.turned_away == {"idle": 1}


async def test_who_only_watches_the_health_holds_no_connection() -> None:
    async with serve(connection_idle_seconds=0.3) as served, client(served) as watcher:
        watch = b"\0" + bytes(4)  # of the whole server
        await watcher.call("/grpc.health.v1.Health/Watch", watch)
        await watcher.until_closed()
        assert served.listener.turned_away == {"idle": 1}


async def test_the_official_client_comes_back_by_itself_after_an_idle_close() -> None:
    async with serve(connection_idle_seconds=0.2) as served:
        with grpc.insecure_channel(f"{served.listener.address}") as channel:
            for closed in (1, 2, 3):
                assert await trio.to_thread.run_sync(ask, channel) == b"hello"
                assert await comes(lambda closed=closed: served.listener.turned_away["idle"] == closed)  # type: ignore[misc]


def _tls(folder: Path) -> tuple[ssl.SSLContext, bytes]:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["h2"])
    authority.issue_cert("localhost").configure_cert(context)
    return context, authority.cert_pem.bytes()


async def test_over_tls_too(tmp_path: Path) -> None:
    context, trusted = _tls(tmp_path)
    async with serve(tls=context, connection_idle_seconds=0.3, max_connections=2) as served:
        target = f"localhost:{served.listener.port}"
        with grpc.secure_channel(target, grpc.ssl_channel_credentials(trusted)) as channel:
            for _ in range(2):
                assert await trio.to_thread.run_sync(ask, channel, bytes(300_000)) == bytes(300_000)
                assert await comes(lambda: served.listener.connections == 0)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01", PREFACE], ids=["nothing", "half a hello", "no tls"])
async def test_a_client_that_does_not_shake_hands_over_tls(said: bytes, tmp_path: Path) -> None:
    async with serve(tls=_tls(tmp_path)[0], handshake_seconds=0.2) as served, raw(served) as silent:
        await silent.stream.send_all(said)
        with trio.fail_after(3):
            while True:
                try:
                    if not await silent.stream.receive_some():
                        break
                except trio.BrokenResourceError:
                    break
        assert await comes(lambda: served.listener.connections == 0)
        assert served.listener.turned_away == {"handshake": 1}


async def test_a_client_that_opens_no_window_is_given_up_and_its_connection_is_not() -> None:
    async with serve(stalled_seconds=0.3) as served, client(served) as one:
        stream = await one.call(COUNT)
        await one.read_until(lambda: one.ended(stream), acknowledge=False)
        assert one.reset(stream)
        assert served.gone == 1
        assert served.listener.turned_away == {"stalled": 1}
        one.h2.increment_flow_control_window(65_535)
        assert await one.echoes()


async def test_a_client_that_does_not_read_at_all_is_given_up() -> None:
    async with serve(stalled_seconds=0.4) as served, client(served) as one:
        one.h2.increment_flow_control_window(2**30)
        await one.call(COUNT)
        one.h2.increment_flow_control_window(2**30, 1)
        await one.flush()
        assert await comes(lambda: served.listener.connections == 0, 5)
        assert served.listener.turned_away == {"stalled": 1}


async def test_a_client_that_reads_slowly_but_steadily_is_left_alone() -> None:
    async with serve(stalled_seconds=0.5) as served, client(served) as one:
        one.h2.increment_flow_control_window(2**30)
        stream = await one.call(COUNT)
        one.h2.increment_flow_control_window(2**30, stream)
        await one.flush()
        for _ in range(20):
            await trio.sleep(0.1)
            await one.stream.receive_some(30_000)
        assert not served.listener.turned_away
        assert served.listener.connections == 1


async def test_pings_of_a_client_that_does_not_read_do_not_pile_up() -> None:
    async with serve(stalled_seconds=0.5) as served, client(served) as one:
        one.h2.increment_flow_control_window(2**30)
        stream = await one.call(COUNT)
        one.h2.increment_flow_control_window(2**30, stream)
        await one.flush()
        with trio.move_on_after(3):
            while not one.closed:
                await one.send(PingFrame(0, opaque_data=b"12345678"))
                await trio.sleep(0.01)
        assert one.closed
        assert sum(served.listener.turned_away.values()) == 1


async def _half_sent(one: Raw, size: int, said: int, path: str = ECHO) -> int:
    """A request that says `size` and has sent `said`."""
    stream = one.h2.get_next_available_stream_id()
    one.h2.send_headers(stream, one.headers(path))
    left = memoryview(b"\0" + said.to_bytes(4, "big") + bytes(size))
    while left and not one.closed:
        room = min(one.h2.local_flow_control_window(stream), one.h2.max_outbound_frame_size, len(left))
        one.h2.send_data(stream, left[:room])
        left = left[room:]
        await one.flush()
        if left and not one.h2.local_flow_control_window(stream):
            await one.read_until(lambda: one.h2.local_flow_control_window(stream) or one.ended(stream))
        if one.ended(stream):
            break
    return stream


async def test_many_half_sent_requests_do_not_fill_the_memory() -> None:
    async with serve() as served:
        async with client(served) as honest, client(served) as bad:
            for _ in range(6):
                stream = await _half_sent(bad, 45_000_000, 50_000_000)
            await bad.read_until(lambda: bad.ended(stream))
            assert bad.status(stream) == "8"
            assert served.listener._server.house.receiving.held < 129 * 2**20
            assert await honest.echoes()
            assert served.listener.turned_away == {"requests": 4}
        house = served.listener._server.house
        assert await comes(lambda: not house.receiving.held)


async def test_a_health_check_that_is_none_and_one_that_is_too_large() -> None:
    async with serve() as served, client(served) as one:
        stream = await one.call(HEALTH, b"\xff\xff\xff")
        await one.read_until(lambda: one.ended(stream))
        assert one.status(stream) == "3"
        stream = await _half_sent(one, 200_000, 2**31, HEALTH)
        await one.read_until(lambda: one.ended(stream))
        assert one.status(stream) == "3"
        assert await one.echoes()
        assert served.listener.turned_away == {"requests": 1}


@pytest.mark.parametrize("given", ["0n", "1n", "1u", "0S", "10m"])
async def test_a_deadline_that_has_passed_is_one(given: str, caplog: Any) -> None:
    async with serve() as served, client(served) as one:
        stream = await one.call(STAY, b"", ("grpc-timeout", given))
        await one.read_until(lambda: one.ended(stream))
        assert one.status(stream) == "4"
    assert "Timeout occurred" not in caplog.text


async def test_a_connection_leaves_no_timer_behind() -> None:
    """trio-asyncio keeps a cancelled one until its time has come; grpclib has one of two hours."""

    def late_timers() -> list[asyncio.TimerHandle]:
        late = trio.current_time() + 120
        timers = [one for one in gc.get_objects() if isinstance(one, asyncio.TimerHandle)]
        return [timer for timer in timers if timer.when() > late]

    others = late_timers()  # what is left of other tests
    async with serve() as served:
        for _ in range(20):
            async with client(served) as one:
                assert await one.echoes()
        assert not [timer for timer in late_timers() if not any(timer is other for other in others)]


async def test_an_end_of_descriptors_is_waited_out(caplog: Any) -> None:
    import resource
    import socket

    async with serve() as served, client(served) as one:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        waiting = [socket.socket() for _ in range(3)]
        taken: list[socket.socket] = []
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
            with pytest.raises(OSError, match="Too many"):
                while True:
                    taken.append(socket.socket())
            for each in waiting:
                each.connect(served.address)
            assert await comes(lambda: served.listener.turned_away["descriptors"])
            assert await one.echoes()
            await trio.sleep(0.5)
            assert caplog.text.count("no connection can be taken") == 1
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for each in taken:
                each.close()
        assert await comes(lambda: served.listener.connections == 4)
        for each in waiting:
            each.close()
