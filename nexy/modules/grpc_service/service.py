"""The RPCs: check, translate, delegate. WebSockets call the very same ones."""

from dataclasses import dataclass
from functools import partial
from importlib.resources import files

import trio

from nexy.errors import BadRequest, NexyError
from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.back import Back, Greeting
from nexy.modules.grpc_service.call import Call, Rpc
from nexy.modules.grpc_service.ending import fail, patience, say_goodbye
from nexy.modules.grpc_service.streaming import (
    ExportMemoryRequest,
    ExportMemoryResponse,
    ForgetMeRequest,
    ForgetMeResponse,
    InterruptRequest,
    InterruptResponse,
    RequestPhase,
    StreamingServiceBase,
    StreamRequest,
    UsageRequest,
    UsageResponse,
    WelcomeRequest,
)
from nexy.monitoring import logger, where
from nexy.nursery.border import Curt, TrioService, framed
from nexy.types import MOST_SOUND_BYTES, Caller, HardwareId, Reply, SendReply, SessionId, Utterance

log = logger("nexy.grpc")

NOT_ALL_ASKED = "not every process of the server could be asked"
EXPORT_CHARS = 60_000  # of one message: with four bytes each, far below what clients take


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
    """The four RPCs of the contract, and two of our own."""

    def __init__(self, back: Back, sizes: Sizes) -> None:
        self._back = back
        self._sizes = sizes
        self._noes: dict[str, bytes] = {}  # to those who are turned away, by the reason

    def service(self) -> TrioService:
        """As the border serves it."""
        rpcs = {
            "StreamAudio": self.stream_audio,
            "InterruptSession": self.interrupt_session,
            "GenerateWelcomeAudio": self.generate_welcome_audio,
            "ReportUsage": self.report_usage,
            "ExportMemory": self.export_memory,
            "ForgetMe": self.forget_me,
        }
        turn_away = {"StreamAudio": self._turn_away}
        return TrioService(StreamingServiceBase(), rpcs, self._sizes.message_bytes, self.caller, turn_away)

    def rpc(self, kind: str) -> Rpc:
        """What serves a request of that kind, as ClientMessage names it."""
        rpcs: dict[str, Rpc] = {
            "stream": self.stream_audio,
            "interrupt": self.interrupt_session,
            "welcome": self.generate_welcome_audio,
            "usage": self.report_usage,
            "export": self.export_memory,
            "forget": self.forget_me,
        }
        return rpcs[kind]

    def greet(self, call: Call, hardware_id: str, session_id: str) -> tuple[HardwareId, SessionId | None]:
        """The device and the session that a connection is for. Raises BadRequest or Forbidden."""
        who = self._acts_for(call, hardware_id)
        return who, self._back.check_session_id(session_id) if session_id.strip() else None

    def _turn_away(self, authorization: str | None) -> Curt | None:
        """In a rush, when nobody is let in: two tones and the reason, whatever the language."""
        away = self._back.turn_away(authorization)
        if away is None:
            return None
        refused, sounds = away
        status, text = translate.status_of(refused)
        if text not in self._noes:
            replies = [b"".join(translate.reply_parts(sound)) for sound in sounds]
            self._noes[text] = framed(*replies, translate.error(text))
        return Curt(self._noes[text], status, text, translate.metadata_of(refused))

    def caller(self, call: Call) -> Caller:
        """Who calls: asked before anything of the request is read."""
        shown = call.metadata.get("authorization")
        return self._back.caller(shown, call.address.rpartition(":")[0])

    def _acts_for(self, call: Call, hardware_id: str) -> HardwareId:
        """The device that is meant. Raises BadRequest, or Forbidden when it is not the caller's."""
        who = self._back.check_hardware_id(hardware_id)
        if not call.caller.may_be(who):
            raise self._back.forbidden("this token is another device's")
        return who

    async def stream_audio(self, call: Call) -> None:
        request = StreamRequest()
        try:
            request = translate.parse(StreamRequest, call.request())
            who = self._acts_for(call, request.hardware_id)
            asked = self._back.check_session_id(request.session_id)
            if request.phase == RequestPhase.COLLECT:
                await self._collect(call, request, who, asked)
            else:
                await self._answer(call, request, who, asked)
        except trio.BrokenResourceError:
            return  # the client is gone
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told, and the log
            _log_bug(error)
            with patience(call):
                if request.phase != RequestPhase.COLLECT and not isinstance(error, BadRequest):
                    await self._back.say_refused(error, _prompt_of(request), _reply_to(call))
                await fail(call, error, translate.error)

    async def _answer(
        self, call: Call, request: StreamRequest, who: HardwareId, asked: SessionId | None
    ) -> None:
        traceparent = str(call.metadata.get("traceparent", ""))
        read = partial(self._utterance, request, who, asked, traceparent)
        async with self._back.turn(who, asked, read, _reply_to(call), call.timing) as ended:
            with patience(call):
                await say_goodbye(call, ended, translate.error)

    async def _collect(
        self, call: Call, request: StreamRequest, who: HardwareId, asked: SessionId | None
    ) -> None:
        with self._back.counted(who):
            await self._back.collect(await self._utterance(request, who, asked), request.chunk_seq)
            with patience(call):
                await call.send(translate.end(translate.COLLECTED))
                await call.finish()

    async def _utterance(
        self, request: StreamRequest, who: HardwareId, asked: SessionId | None, traceparent: str = ""
    ) -> Utterance:
        prompt = _prompt_of(request)
        if len(prompt) > self._sizes.prompt_chars:
            raise BadRequest(
                f"the prompt has {len(prompt)} characters; at most {self._sizes.prompt_chars} are taken"
            )
        screenshot = await translate.screenshot(request.screenshot or "", self._sizes.image_bytes)
        screen = (request.screen_width or 0, request.screen_height or 0)
        whole_screen = screen if all(screen) else None
        return Utterance(who, asked, prompt, screenshot, whole_screen, request.word_times, traceparent)

    async def interrupt_session(self, call: Call) -> None:
        try:
            request = translate.parse(InterruptRequest, call.request())
            who, played = self._acts_for(call, request.hardware_id), translate.played(request)
            stopped = await self._back.interrupt(who, played)
        except NexyError as error:
            await fail(call, error, None)
            return
        sessions: list[str] = list(stopped.sessions)
        message = f"interrupted {len(sessions)}" if sessions else "no active sessions"
        if not stopped.complete:
            message = f"{message} here; {NOT_ALL_ASKED}"
        response = InterruptResponse(success=bool(sessions), interrupted_sessions=sessions, message=message)
        with patience(call):
            await call.send(bytes(response))
            await call.finish()

    async def generate_welcome_audio(self, call: Call) -> None:
        async def deliver(greeting: Greeting) -> None:
            await call.send(translate.welcome_metadata(greeting.method, greeting.seconds, greeting.rate))
            for sound in greeting.sounds:
                for at in range(0, len(sound.pcm), MOST_SOUND_BYTES):
                    pcm = sound.pcm[at : at + MOST_SOUND_BYTES]
                    await call.send(*translate.welcome_sound(pcm, sound.rate))
            await call.send(translate.welcome_end())

        try:
            request = translate.parse(WelcomeRequest, call.request())
            asked = (request.text, request.voice, request.language)
            async with self._back.greet(asked, deliver, call.timing, call.caller.device) as ended:
                with patience(call):
                    await say_goodbye(call, ended, translate.welcome_error)
        except trio.BrokenResourceError:
            return
        except Exception as error:  # noqa: BLE001 - as above
            _log_bug(error)
            with patience(call):
                if not isinstance(error, (BadRequest, *translate.STRANGERS)):
                    await self._send_tones(call)
                await fail(call, error, translate.welcome_error)

    async def _send_tones(self, call: Call) -> None:
        """A greeting that cannot be said, for a user who only listens."""
        tones = self._back.tones()
        seconds, rate = sum(tone.seconds for tone in tones), tones[0].rate
        await call.send(translate.welcome_metadata("tones", seconds, rate))
        for tone in tones:
            await call.send(*translate.welcome_sound(tone.pcm, tone.rate))

    async def report_usage(self, call: Call) -> None:
        try:
            request = translate.parse(UsageRequest, call.request())
            response = await self._count(call, request)
        except NexyError as error:
            await fail(call, error, None)
            return
        with patience(call):
            await call.send(bytes(response))
            await call.finish()

    async def export_memory(self, call: Call) -> None:
        try:
            request = translate.parse(ExportMemoryRequest, call.request())
            who = self._acts_for(call, request.hardware_id)
            with self._back.counted(who):
                text = await self._back.export(who)
                for at in range(0, len(text), EXPORT_CHARS):
                    with patience(call):
                        await call.send(bytes(ExportMemoryResponse(json=text[at : at + EXPORT_CHARS])))
                with patience(call):
                    await call.finish()
        except trio.BrokenResourceError:
            return
        except NexyError as error:
            await fail(call, error, None)

    async def forget_me(self, call: Call) -> None:
        try:
            request = translate.parse(ForgetMeRequest, call.request())
            forgotten = await self._back.forget(self._acts_for(call, request.hardware_id))
        except NexyError as error:
            await fail(call, error, None)
            return
        message = "all of it is deleted" if forgotten.rows else "nothing was stored"
        if not forgotten.complete:
            message = f"{message}; {NOT_ALL_ASKED}: ask once more"
        response = ForgetMeResponse(success=forgotten.complete, rows=forgotten.rows, message=message)
        with patience(call):
            await call.send(bytes(response))
            await call.finish()

    async def _count(self, call: Call, request: UsageRequest) -> UsageResponse:
        try:
            who = self._acts_for(call, request.hardware_id)
        except BadRequest as error:
            return UsageResponse(success=False, message=str(error))
        if request.input_tokens < 0 or request.output_tokens < 0:
            return UsageResponse(success=False, message="tokens cannot be fewer than none")
        tokens = (request.input_tokens, request.output_tokens)
        await self._back.add_usage(who, request.source[:32], request.model[:128], tokens)
        return UsageResponse(success=True, message="counted")


def _log_bug(error: Exception) -> None:
    if not isinstance(error, NexyError):
        log.error("a request failed", error=where(error))


def _prompt_of(request: StreamRequest) -> str:
    return request.prompt or request.chunk_text or ""


def _reply_to(call: Call) -> SendReply:
    async def reply(what: Reply) -> None:
        await call.send(*translate.reply_parts(what))

    return reply
