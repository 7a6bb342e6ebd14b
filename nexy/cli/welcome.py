"""nexy welcome."""

from functools import partial

import betterproto

from nexy.cli.client import Recording, open_stub, run_client
from nexy.modules.grpc_service.streaming import WelcomeRequest
from nexy.nursery.border import open_stream


def run(text: str, language: str, voice: str, out: str | None, server: str) -> None:
    request = WelcomeRequest(text=text, language=language, voice=voice)
    recording = run_client(partial(_welcome, request, server), server)
    if out is not None:
        recording.write(out)


async def _welcome(request: WelcomeRequest, server: str) -> Recording:
    recording = Recording()
    async with (
        open_stub(server) as stub,
        open_stream(partial(stub.generate_welcome_audio, request, timeout=60)) as responses,
    ):
        async for response in responses:
            kind, _ = betterproto.which_one_of(response, "content")
            if kind == "metadata":
                about = response.metadata
                print(f"{about.method}: {about.duration_sec:.2f} s at {about.sample_rate} Hz")
            elif kind == "audio_chunk":
                recording.add(response.audio_chunk)
    return recording
