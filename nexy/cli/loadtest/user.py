"""One user: speaks, listens, sometimes interrupts, thinks, and speaks again."""

import base64
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

import PIL.Image
import PIL.ImageDraw
import trio
from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from nexy.cli.client import open_stub
from nexy.cli.loadtest.hearing import Hearing
from nexy.cli.loadtest.plan import Plan
from nexy.cli.loadtest.turn import End, Stop, Turn
from nexy.cli.loadtest.wire import Call
from nexy.errors import leaves
from nexy.modules.grpc_service.streaming import InterruptRequest, StreamingServiceStub, StreamRequest
from nexy.nursery.border import call, open_stream

FAILURES = (GRPCError, StreamTerminatedError, ProtocolError, OSError)
FIRST_GUESS_SECONDS = 8.0  # how long an answer comes for, before one came to its end
STALLED_SECONDS = 60.0  # an answer of which nothing comes for so long has failed
INTERRUPT_SECONDS = 10.0  # for the response to an interrupt, and then for the end of the answer
AFTER_FAILURE_SECONDS = 1.0  # at least, before the user tries again
REFUSED_JITTER = 0.2  # so that those who are refused together do not all come back in one moment


@dataclass
class User:
    """Lives until it is cancelled. Each turn is told to `tell`, also the one that the end cuts off."""

    plan: Plan
    number: int
    chance: random.Random
    tell: Callable[[Turn], None]
    began: float  # trio.current_time() at the start of the test
    usual_seconds: float = field(default=FIRST_GUESS_SECONDS, init=False)

    @property
    def name(self) -> str:
        return f"{self.plan.name}-{self.number}"

    async def live(self) -> None:
        async with open_stub(self.plan.link) as stub:
            await self._connect(stub)
            while True:
                silence = await self._turn(stub)
                await trio.sleep(silence)

    async def _connect(self, stub: StreamingServiceStub) -> None:
        """Make the connection before anything is measured: installed clients have theirs already."""
        request = InterruptRequest(hardware_id=self.name)
        try:
            await call(partial(stub.interrupt_session, request, timeout=INTERRUPT_SECONDS))
        except FAILURES:
            return  # the first turn meets it too, and counts it

    async def _turn(self, stub: StreamingServiceStub) -> float:
        """Speak and listen to the end; how long the user is silent afterwards, in seconds."""
        request = Call(stub, self._request())
        hearing = Hearing(self._now())
        end, word = End.LEFT, ""
        try:
            await self._converse(stub, request, hearing)
            end, word = hearing.end()
        except* FAILURES as errors:  # which may come together with the end of the test
            end, word = _failed(leaves(errors)[0])
        finally:
            if request.sent_at is not None:  # the way from here to there is no time of the server's
                hearing.asked_at = request.sent_at - self.began
            turn = hearing.turn(self._now(), end, word)
            self.tell(turn)
        if end is End.REFUSED:
            return request.retry_after() * self.chance.uniform(1, 1 + REFUSED_JITTER)
        pause = self.chance.expovariate(1 / self.plan.think) if self.plan.think else 0.0
        if end is End.FAILED:
            return AFTER_FAILURE_SECONDS + pause
        return pause + self._still_playing(turn, hearing)

    def _still_playing(self, turn: Turn, hearing: Hearing) -> float:
        """Seconds until an answer that came to its end is also heard to its end."""
        if turn.end is not End.ANSWERED or hearing.stopping or hearing.player.plays_until is None:
            return 0.0
        self.usual_seconds = turn.ended_at - turn.asked_at
        return max(0.0, hearing.player.plays_until - self._now())

    async def _converse(self, stub: StreamingServiceStub, request: Call, hearing: Hearing) -> None:
        async with trio.open_nursery() as both:
            if self.chance.random() < self.plan.interrupt:
                both.start_soon(self._interrupt, stub, request, hearing)
            await self._listen(request, hearing)
            if not hearing.stopping:
                both.cancel_scope.cancel()

    async def _listen(self, request: Call, hearing: Hearing) -> None:
        with trio.move_on_after(STALLED_SECONDS) as patience:
            hearing.patience = patience
            async with open_stream(request.messages) as messages:
                async for message in messages:
                    if not hearing.stopping:
                        patience.deadline = trio.current_time() + STALLED_SECONDS
                    hearing.take(message, message.at - self.began)
        if patience.cancelled_caught and not hearing.stopping:
            raise TimeoutError

    async def _interrupt(self, stub: StreamingServiceStub, request: Call, hearing: Hearing) -> None:
        await request.sent.wait()
        await trio.sleep(self.chance.uniform(0, self.usual_seconds))
        hearing.stopping = True
        asked = InterruptRequest(hardware_id=self.name)
        sent = self._now()
        try:
            response = await call(partial(stub.interrupt_session, asked, timeout=INTERRUPT_SECONDS))
        except TimeoutError:
            hearing.stop_error = Status.DEADLINE_EXCEEDED.name
        except FAILURES as error:
            hearing.stop_error = _failed(error)[1]
        else:
            request.now_silent()
            hearing.stop = Stop(sent, self._now() - sent, stopped=response.success)
        if hearing.patience is not None:
            hearing.patience.deadline = trio.current_time() + INTERRUPT_SECONDS

    def _request(self) -> StreamRequest:
        shows = self.chance.random() < self.plan.screenshot_share
        return StreamRequest(
            prompt=self.chance.choice(self.plan.prompts),
            screenshot=screenshot() if shows else "",
            hardware_id=self.name,
            session_id=self.name,
        )

    def _now(self) -> float:
        return trio.current_time() - self.began


def _failed(error: BaseException) -> tuple[End, str]:
    """The end that an error is, and its word: nothing in it is text that may differ from turn to turn."""
    match error:
        case GRPCError(status=Status.RESOURCE_EXHAUSTED):
            return End.REFUSED, error.message or ""
        case GRPCError():
            return End.FAILED, error.status.name
        case StreamTerminatedError() | ProtocolError():
            return End.FAILED, "the connection broke"
        case TimeoutError():
            return End.FAILED, f"nothing came for {STALLED_SECONDS:.0f} s"
        case OSError():
            return End.FAILED, "no connection"
    raise error


@cache
def screenshot() -> str:
    """A small PNG of a window with some lines in it, in base64."""
    image = PIL.Image.new("RGB", (320, 200), "#336699")
    draw = PIL.ImageDraw.Draw(image)
    draw.rectangle((20, 20, 300, 180), fill="white", outline="black")
    for row in range(40, 170, 12):
        draw.line((32, row, 80 + row * 37 % 200, row), fill="black", width=3)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
