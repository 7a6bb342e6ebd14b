"""nexy ask: a real client."""

import base64
import sys
import time
from functools import partial
from pathlib import Path

import betterproto

from nexy.cli.client import Recording, open_stub, run_client, sendable
from nexy.cli.failing import fail
from nexy.cli.link import Link
from nexy.modules.grpc_service.streaming import StreamRequest
from nexy.nursery.border import open_stream

MOST_IMAGE_MIB = 37  # in base64 it just fits the 50 MiB that a message may have


def run(
    text: str,
    screenshot: str | None,
    out: str | None,
    hardware_id: str,
    session_id: str,
    link: Link,
) -> None:
    image = "" if screenshot is None else _read(screenshot)
    request = StreamRequest(prompt=text, screenshot=image, hardware_id=hardware_id, session_id=session_id)
    with Recording(out) as recording:
        run_client(partial(_ask, sendable(request), recording, link), link)


def _read(screenshot: str) -> str:
    """An image file in base64."""
    most_bytes = MOST_IMAGE_MIB * 2**20
    try:
        with Path(screenshot).open("rb") as file:
            image = file.read(most_bytes + 1)  # no more, as a device never ends
    except OSError as error:
        fail(f"{screenshot}: {error.strerror}")
    if not image:
        fail(f"{screenshot}: is empty")
    if len(image) > most_bytes:
        fail(f"{screenshot}: larger than {MOST_IMAGE_MIB} MiB, the most that a message can carry")
    return base64.b64encode(image).decode()


async def _ask(request: StreamRequest, recording: Recording, link: Link) -> None:
    first: dict[str, float] = {}
    began = time.perf_counter()
    try:
        # The server sends sound as fast as it should be played; a recording wants it all at once, and a
        # call with a deadline is not held back.
        async with (
            open_stub(link) as stub,
            open_stream(partial(stub.stream_audio, request, timeout=300)) as responses,
        ):
            async for response in responses:
                kind, _ = betterproto.which_one_of(response, "content")
                first.setdefault(kind, time.perf_counter() - began)
                if kind == "text_chunk":
                    print(response.text_chunk, end="", flush=True)
                elif kind == "audio_chunk":
                    recording.add(response.audio_chunk)
    finally:
        if "text_chunk" in first:  # its line is ended however the answer ends
            print(flush=True)
    _show_times(first, recording.seconds, time.perf_counter() - began)


def _show_times(first: dict[str, float], sound_seconds: float, seconds: float) -> None:
    names = {"text_chunk": "first text", "audio_chunk": "first sound"}
    times = [f"{name} {first[kind] * 1000:.0f} ms" for kind, name in names.items() if kind in first]
    times += [f"{sound_seconds:.1f} s of sound", f"all in {seconds * 1000:.0f} ms"]
    print(" · ".join(times), file=sys.stderr)
