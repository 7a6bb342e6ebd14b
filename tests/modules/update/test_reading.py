"""How fast downloads may be, all together, in simulated time."""

import os
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from nexy.modules.update import stamp_of
from nexy.modules.update.reading import BURST_SECONDS, PIECE_BYTES, Changed, File, Reading

RATE = 1_000_000.0  # bytes a second


async def test_many_who_read_share_what_there_is(autojump_clock: MockClock) -> None:
    reading, read = Reading(RATE), [0] * 10

    async def one(number: int) -> None:
        while True:
            await reading.wait(1000)
            read[number] += 1000

    with trio.move_on_after(10):
        async with trio.open_nursery() as nursery:
            for number in range(len(read)):
                nursery.start_soon(one, number)
    assert sum(read) == pytest.approx(10 * RATE, rel=0.01)
    assert max(read) - min(read) <= 2000


async def test_what_nobody_took_is_not_saved_up(autojump_clock: MockClock) -> None:
    reading = Reading(RATE)
    await trio.sleep(100)
    began = trio.current_time()
    for _ in range(1000):
        await reading.wait(1000)
    assert trio.current_time() - began == pytest.approx(1 - BURST_SECONDS, abs=0.002)


async def test_a_file_is_read_in_pieces_and_not_beyond_its_end(tmp_path: Path) -> None:
    data = os.urandom(PIECE_BYTES + 10)
    file = tmp_path / "file"
    file.write_bytes(data)
    with file.open("rb") as opened:
        read = File(opened.fileno(), stamp_of(file), Reading()).read
        assert await read(0, len(data)) == data[:PIECE_BYTES]
        assert await read(PIECE_BYTES, 10) == data[PIECE_BYTES:]
        assert await read(5, 3) == data[5:8]
        with pytest.raises(Changed):
            await read(len(data), 10)
        os.utime(file)
        with pytest.raises(Changed):
            await read(0, 1)


async def test_where_nothing_tells_what_is_in_memory_a_thread_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nexy.modules.update.reading.NOWAIT", 0)
    file = tmp_path / "file"
    file.write_bytes(b"hello")
    with file.open("rb") as opened:
        assert await File(opened.fileno(), stamp_of(file), Reading()).read(1, 3) == b"ell"
