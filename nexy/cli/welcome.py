"""nexy welcome."""

from functools import partial

import betterproto

from nexy.cli.client import Recording, open_stub, run_client, sendable
from nexy.cli.link import Link
from nexy.modules.grpc_service.streaming import WelcomeRequest
from nexy.nursery.border import open_stream


def run(text: str, language: str, voice: str, out: str | None, link: Link) -> None:
    request = sendable(WelcomeRequest(text=text, language=language, voice=voice))
    with Recording(out) as recording:
        run_client(partial(_welcome, request, recording, link), link)


async def _welcome(request: WelcomeRequest, recording: Recording, link: Link) -> None:
    async with (
        open_stub(link) as stub,
        open_stream(partial(stub.generate_welcome_audio, request, timeout=60)) as responses,
    ):
        async for response in responses:
            kind, _ = betterproto.which_one_of(response, "content")
            if kind == "metadata":
                about = response.metadata
                print(f"{about.method}: {about.duration_sec:.2f} s at {about.sample_rate} Hz", flush=True)
            elif kind == "audio_chunk":
                recording.add(response.audio_chunk)
