"""What is heard of one answer while it comes."""

from dataclasses import dataclass, field, replace

import betterproto
import trio

from nexy.cli.loadtest.player import Player
from nexy.cli.loadtest.turn import End, Stop, Turn
from nexy.cli.loadtest.wire import Message

DONE, INTERRUPTED = "completed", "interrupted"  # end_message
SAMPLE_BYTES = 2


@dataclass
class Hearing:
    """Takes the messages of an answer. Times are seconds since the start of the test."""

    asked_at: float
    player: Player = field(default_factory=Player)
    stopping: bool = False  # an interrupt is on its way, or back
    stop: Stop | None = None
    stop_error: str = ""
    patience: trio.CancelScope | None = None  # of who listens
    first_text_at: float | None = None
    first_sound_at: float | None = None
    end_message: str = ""
    sound_after_stop: bool = False
    rate: int = 0  # bytes of sound a second, from the first chunk on

    def take(self, message: Message, at: float) -> None:
        if message.is_sound:
            self._take_sound(message, at)
        elif message.is_text:
            self.first_text_at = at if self.first_text_at is None else self.first_text_at
        else:
            response = message.parsed()
            if betterproto.which_one_of(response, "content")[0] == "end_message":
                self.end_message = response.end_message

    def _take_sound(self, message: Message, at: float) -> None:
        self.sound_after_stop |= message.late
        if self.first_sound_at is None:
            self.first_sound_at = at
            chunk = message.parsed().audio_chunk
            self.rate = SAMPLE_BYTES * (chunk.sample_rate or 48_000) * (chunk.channels or 1)
        self.player.add(at, message.pcm_bytes() / self.rate)

    def end(self) -> tuple[End, str]:
        """How it ended, when its stream ended with status OK."""
        if self.end_message == INTERRUPTED and self.stopping:
            return End.INTERRUPTED, ""
        if self.end_message == INTERRUPTED:
            return End.FAILED, "interrupted by somebody else"
        if self.end_message != DONE:
            return End.FAILED, "no end after an interrupt" if self.stopping else "no end_message"
        if self.stop is not None and self.stop.stopped:
            return End.FAILED, "completed after its interrupt"
        if self.first_sound_at is None:
            return End.FAILED, "no sound"
        return End.ANSWERED, ""

    def turn(self, now: float, end: End, word: str) -> Turn:
        return Turn(
            asked_at=self.asked_at,
            ended_at=now,
            end=end,
            word=word,
            first_text_at=self.first_text_at,
            first_sound_at=self.first_sound_at,
            sound_seconds=self.player.sound_seconds,
            gaps=self.player.gaps,
            gap_seconds=self.player.gap_seconds,
            stop=self._stop(end),
            stop_error=self.stop_error,
        )

    def _stop(self, end: End) -> Stop | None:
        """The interrupt, once it is known what came after it. A refusal is no answer to interrupt."""
        if self.stop is None or end in (End.LEFT, End.REFUSED):
            return None
        ended_so = self.end_message == INTERRUPTED or not self.stop.stopped
        return replace(self.stop, clean=ended_so and not self.sound_after_stop)
