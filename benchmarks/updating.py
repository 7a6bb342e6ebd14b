"""The update server: how fast it sends, what those who are spoken to notice of it, and feeds at a rate."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measures import Crowd, Figure, percentile
from benchmarks.server import Server, server
from nexy.modules.update import Catalogue, Channel, Folder, Release, html_of, make_key, publish

SIZE = 200_000_000  # bytes of the file: a large application
DOWNLOADS = 4  # at once
SPEAKING = 100
RATE = 500  # requests for a feed, a second, over connections that are kept: as a proxy asks
ANEW = 200  # over a connection each: as clients ask
RELEASES = 20  # in the feed
MB = 1_000_000
PORT_URL = "http://localhost:8081"


@contextmanager
def released() -> Iterator[Path]:
    """A folder of releases, the newest of them large."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        folder, key, catalogue = Folder(path / "updates"), make_key(path / "key.pem"), Catalogue()
        with folder.changing():
            for build in range(1, RELEASES + 1):
                source = path / "source"
                source.write_bytes(os.urandom(SIZE if build == RELEASES else 1000))
                artifact = folder.take_in(source, f"Nexy-{build}.dmg", key)
                at, notes = 1_764_200_000 + build, html_of("# News\n\n- one\n- two")
                catalogue = catalogue.with_added(
                    Release(f"1.{build}", build, Channel.STABLE, at, artifact, notes=notes)
                )
            folder.write(publish(catalogue, PORT_URL, key))
        yield folder.path


async def updating(seconds: float) -> list[Figure]:
    """Downloads alone; beside people who are spoken to; and feeds."""
    with released() as folder, server(UPDATE_DIR=str(folder), UPDATE_BASE_URL=PORT_URL) as running:
        await _fetch(running, "download", DOWNLOADS, 2.0)  # what is hashed at first has been
        alone = await _download(running, seconds)
        kept = await _fetch(running, "ask", RATE, seconds)
        anew = await _fetch(running, "ask-anew", ANEW, seconds)
        crowd = Crowd(running.address, SPEAKING)
        await crowd.start(over_seconds=3)
        await asyncio.sleep(3)
        crowd.forget_lateness()
        beside = await _download(running, seconds)
        late = crowd.lateness()
        await crowd.stop()
    for name, met in (("kept", kept), ("anew", anew)):
        lag = met["lag"]
        print(
            f"feeds, connections {name}: {len(met['times'])} answers, "
            f"p50 {percentile(met['times'], 50):.2f} ms; "
            f"client late p50 {percentile(lag, 50):.2f}, p99 {percentile(lag, 99):.2f} ms",
            file=sys.stderr,
        )
    print(f"downloads: {alone:.0f} MB/s alone, {beside:.0f} MB/s beside {SPEAKING}", file=sys.stderr)
    return [
        Figure("1 GB from one process, nobody speaking (200 MB/s)", 1000 / alone, "s", 5),
        Figure(f"1 GB from one process, {SPEAKING} sessions speaking (200 MB/s)", 1000 / beside, "s", 5),
        Figure(
            f"chunk lateness, {SPEAKING} sessions and downloads, p99", percentile(late, 99) * 1000, "ms", 50
        ),
        Figure(f"appcast, {RATE} requests/s, p99", percentile(kept["times"], 99), "ms", 5),
        Figure(f"appcast, {ANEW} connections/s, a request each, p99", percentile(anew["times"], 99), "ms", 5),
    ]


async def _download(running: Server, seconds: float) -> float:
    """MB/s."""
    cpu, began = running.cpu_seconds(), time.perf_counter()
    met = await _fetch(running, "download", DOWNLOADS, seconds)
    core = (running.cpu_seconds() - cpu) / (time.perf_counter() - began)
    print(f"the server used {core:.0%} of a core", file=sys.stderr)
    return float(met["bytes"] / met["seconds"] / MB)


async def _fetch(running: Server, what: str, number: int, seconds: float) -> dict[str, Any]:
    path = f"/downloads/Nexy-{RELEASES}.dmg" if what == "download" else "/appcast.xml"
    options = ["--number", str(number), "--seconds", str(seconds)]
    command = ["-m", "benchmarks.fetchers", what, running.updates, path, *options]
    started = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    out, _ = await started.communicate()
    met: dict[str, Any] = json.loads(out)
    return met
