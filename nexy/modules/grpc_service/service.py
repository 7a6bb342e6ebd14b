"""The RPCs: check, translate, delegate."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import trio

from nexy.errors import BadRequest, NexyError
from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.streaming import (
    InterruptRequest,
    InterruptResponse,
    RequestPhase,
    StreamingServiceBase,
    StreamRequest,
    UsageRequest,
    UsageResponse,
    WelcomeRequest,
)
from nexy.nursery.border import Call, TrioService
from nexy.nursery.session import Ended, Why
from nexy.types import HardwareId, Reply, SendReply, SessionId, Sound, Utterance

GOODBYE_SECONDS = 1.0  # how long a client may take to take the news that its answer is stopped
PIECE_BYTES = 32_000  # of a welcome's sound: at most 32 KiB, and less than half of a usual window


class Greeting(Protocol):
    """A greeting's sound, whole."""

    @property
    def method(self) -> str: ...
    @property
    def rate(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def sounds(self) -> tuple[Sound, ...]: ...


class Back(Protocol):
    """What stands behind the RPCs."""

    def check_hardware_id(self, given: str) -> HardwareId:
        """Raises BadRequest for an id that names no device."""
        ...

    def check_session_id(self, given: str) -> SessionId | None:
        """None when there is none. Raises BadRequest for one that cannot be, or that must not be missing."""
        ...

    def turn(
        self, said: Utterance, reply: SendReply, deadline: float | None
    ) -> AbstractAsyncContextManager[Ended]:
        """Answer; yields how it ended. Raises Refused."""
        ...

    async def collect(self, said: Utterance, number: int) -> None:
        """Keep a part of what is still being said. Raises BadRequest or Refused."""
        ...

    def collected(self, said: Utterance) -> Utterance:
        """`said` with what was collected before it."""
        ...

    async def interrupt(self, who: HardwareId) -> list[SessionId]:
        """Stop every answer of `who`; the sessions that were stopped."""
        ...

    async def greet(self, text: str, voice: str, language: str) -> Greeting:
        """Raises BadRequest or ProviderError."""
        ...

    async def add_usage(self, who: HardwareId, input_tokens: int, output_tokens: int) -> None:
        """Raises StorageError."""
        ...


@dataclass(frozen=True)
class Sizes:
    """How large requests may be."""

    message_bytes: int
    image_bytes: int
    prompt_chars: int


def descriptors() -> bytes:
    """The FileDescriptorSet of the contract, for reflection."""
    return files("nexy.modules.grpc_service.streaming").joinpath("streaming.binpb").read_bytes()


class StreamingService:
    """The four RPCs of the contract."""

    def __init__(self, back: Back, sizes: Sizes) -> None:
        self._back = back
        self._sizes = sizes

    def service(self) -> TrioService:
        """As the border serves it."""
        rpcs = {
            "StreamAudio": self.stream_audio,
            "InterruptSession": self.interrupt_session,
            "GenerateWelcomeAudio": self.generate_welcome_audio,
            "ReportUsage": self.report_usage,
        }
        return TrioService(StreamingServiceBase(), rpcs, self._sizes.message_bytes)

    async def stream_audio(self, call: Call) -> None:
        try:
            request = translate.parse(StreamRequest, call.request())
            said = await self._utterance(request)
            if request.phase == RequestPhase.COLLECT:
                await self._back.collect(said, request.chunk_seq)
                await call.send(translate.end(translate.COLLECTED))
                await call.finish()
                return
            await self._answer(call, self._whole(self._back.collected(said)))
        except NexyError as error:
            await _fail(call, error, translate.error)

    async def _utterance(self, request: StreamRequest) -> Utterance:
        who = self._back.check_hardware_id(request.hardware_id)
        session = self._back.check_session_id(request.session_id)
        prompt = request.prompt or request.chunk_text or ""
        if len(prompt) > self._sizes.prompt_chars:
            raise BadRequest(
                f"the prompt has {len(prompt)} characters; at most {self._sizes.prompt_chars} are taken"
            )
        screenshot = await translate.screenshot(request.screenshot or "", self._sizes.image_bytes)
        screen = (request.screen_width or 0, request.screen_height or 0)
        return Utterance(who, session, prompt, screenshot, screen if all(screen) else None)

    def _whole(self, said: Utterance) -> Utterance:
        if not said.prompt.strip() and said.screenshot is None:
            raise BadRequest("the prompt is empty and there is no screenshot")
        if len(said.prompt) > self._sizes.prompt_chars:
            raise BadRequest(f"the prompt has more than {self._sizes.prompt_chars} characters")
        return said

    async def _answer(self, call: Call, said: Utterance) -> None:
        async def reply(what: Reply) -> None:
            await call.send(*translate.reply_parts(what))

        async with self._back.turn(said, reply, call.deadline) as ended:
            await _say_goodbye(call, ended)

    async def interrupt_session(self, call: Call) -> None:
        try:
            request = translate.parse(InterruptRequest, call.request())
            stopped = await self._back.interrupt(self._back.check_hardware_id(request.hardware_id))
        except NexyError as error:
            await _fail(call, error, None)
            return
        message = f"interrupted {len(stopped)}" if stopped else "no active sessions"
        response = InterruptResponse(
            success=bool(stopped), interrupted_sessions=list(stopped), message=message
        )
        await call.send(bytes(response))
        await call.finish()

    async def generate_welcome_audio(self, call: Call) -> None:
        try:
            request = translate.parse(WelcomeRequest, call.request())
            greeting = await self._back.greet(request.text, request.voice, request.language)
            await call.send(translate.welcome_metadata(greeting.method, greeting.seconds, greeting.rate))
            for sound in greeting.sounds:
                for at in range(0, len(sound.pcm), PIECE_BYTES):
                    await call.send(*translate.welcome_sound(sound.pcm[at : at + PIECE_BYTES], sound.rate))
            await call.send(translate.welcome_end())
            await call.finish()
        except NexyError as error:
            await _fail(call, error, translate.welcome_error)

    async def report_usage(self, call: Call) -> None:
        try:
            request = translate.parse(UsageRequest, call.request())
            response = await self._count(request)
        except NexyError as error:
            await _fail(call, error, None)
            return
        await call.send(bytes(response))
        await call.finish()

    async def _count(self, request: UsageRequest) -> UsageResponse:
        try:
            who = self._back.check_hardware_id(request.hardware_id)
        except BadRequest as error:
            return UsageResponse(success=False, message=str(error))
        if request.input_tokens < 0 or request.output_tokens < 0:
            return UsageResponse(success=False, message="tokens cannot be fewer than none")
        await self._back.add_usage(who, request.input_tokens, request.output_tokens)
        return UsageResponse(success=True, message="counted")


async def _say_goodbye(call: Call, ended: Ended) -> None:
    """Tell the client how its answer ended. One that does not listen is dropped."""
    with trio.move_on_after(GOODBYE_SECONDS) as patience:
        error = translate.ended_badly(ended)
        if error is not None:
            await _fail(call, error, translate.error)
        else:
            if ended.why in (Why.INTERRUPTED, Why.NEWER):
                await call.send(translate.end(translate.INTERRUPTED))
            await call.finish()
    if patience.cancelled_caught:
        call.reset()


async def _fail(call: Call, error: BaseException, message: Callable[[str], bytes] | None) -> None:
    """End a call with an error: as a message where the stream has one for it, and as a status."""
    status, text = translate.status_of(error)
    if message is not None:
        await call.send(message(text))
    await call.finish(status, text, translate.metadata_of(error))
