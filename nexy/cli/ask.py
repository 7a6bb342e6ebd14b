"""nexy ask: a real client."""

import base64
import sys
import time
from functools import partial
from pathlib import Path

import betterproto

from nexy.cli import fail
from nexy.cli.client import Recording, open_stub, run_client
from nexy.modules.grpc_service.streaming import StreamRequest
from nexy.nursery.border import open_stream


def run(
    text: str,
    screenshot: str | None,
    out: str | None,
    server: str,
    hardware_id: str,
    session_id: str,
    token: str | None,
) -> None:
    request = StreamRequest(
        prompt=text, screenshot=_read(screenshot), hardware_id=hardware_id, session_id=session_id
    )
    recording = run_client(partial(_ask, request, server, token), server)
    if out is not None:
        recording.write(out)


def _read(screenshot: str | None) -> str:
    if screenshot is None:
        return ""
    try:
        return base64.b64encode(Path(screenshot).read_bytes()).decode()
    except OSError as error:
        fail(f"{screenshot}: {error.strerror}")


async def _ask(request: StreamRequest, server: str, token: str | None) -> Recording:
    recording = Recording()
    first: dict[str, float] = {}
    began = time.perf_counter()
    # The server sends sound as fast as it should be played; a recording wants it all at once, and a
    # call with a deadline is not held back.
    async with (
        open_stub(server, token) as stub,
        open_stream(partial(stub.stream_audio, request, timeout=300)) as responses,
    ):
        async for response in responses:
            kind, _ = betterproto.which_one_of(response, "content")
            first.setdefault(kind, time.perf_counter() - began)
            if kind == "text_chunk":
                print(response.text_chunk, end="", flush=True)
            elif kind == "audio_chunk":
                recording.add(response.audio_chunk)
    print()
    _show_times(first, recording.seconds, time.perf_counter() - began)
    return recording


def _show_times(first: dict[str, float], sound_seconds: float, seconds: float) -> None:
    names = {"text_chunk": "first text", "audio_chunk": "first sound"}
    times = [f"{name} {first[kind] * 1000:.0f} ms" for kind, name in names.items() if kind in first]
    times += [f"{sound_seconds:.1f} s of sound", f"all in {seconds * 1000:.0f} ms"]
    print(" · ".join(times), file=sys.stderr)
