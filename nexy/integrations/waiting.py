"""What a user hears who has to wait: "one moment", and then now and again a sign that it goes on."""

from contextlib import suppress
from dataclasses import dataclass, field

import trio

from nexy.errors import ProviderError
from nexy.integrations import phrases
from nexy.integrations.delivery import Cue, Delivery, Saying, ToClient
from nexy.integrations.phrases import aside
from nexy.integrations.sayings import Sayings
from nexy.modules.audio_generation import waiting_tones
from nexy.types import Sentence, Sound

VOICE_SECONDS = (
    1.0  # for a voice to say so; and for another one after it: then tones do, 9 s after the request
)


@dataclass
class Waiting:
    """Breaks the silence of one answer.

    Whatever fails, in whatever order, each model and each voice may be waited for for seconds; together
    that is longer than somebody who only listens believes that anybody is there.
    """

    voice: Sayings
    delivery: Delivery
    language: str
    began: float  # when the request came: trio.current_time() seconds
    rate: int  # of the sound that is sent, Hz
    to_client: ToClient
    voicing: bool = False  # a sentence is under way whose sound is not there yet
    answered: trio.CancelScope = field(default_factory=trio.CancelScope)  # left at the model's first word
    over: trio.CancelScope = field(default_factory=trio.CancelScope)  # left when nothing more is to come
    _asked_to_wait: bool = False

    async def keep_company(self, filler_seconds: float, silence_seconds: float) -> None:
        """Until it is `over`: say "one moment" when the model has not begun after `filler_seconds` (0: do
        not), and give a sign whenever nothing was to be heard for `silence_seconds`.
        """
        with self.to_client, self.over:
            if 0 < filler_seconds < silence_seconds:
                await self._fill(filler_seconds)
            while True:
                due = self._silent_since + silence_seconds
                if trio.current_time() < due:
                    await trio.sleep_until(due)
                else:
                    await self._give_sign()
                    await trio.sleep(silence_seconds)

    async def _fill(self, seconds: float) -> None:
        """It is sent with all of its sound or not at all: what the model says then waits for nobody."""
        with self.answered:
            await trio.sleep(seconds)
            moment = self._moment()
            if sounds := await self._say(moment):
                self._asked_to_wait = True
                await self.to_client.send(Saying(moment, sounds))

    @property
    def _silent_since(self) -> float:
        return max(self.began, self.delivery.playback.ends)

    async def _give_sign(self) -> None:
        """Say "one moment" once, between sentences; else two tones. Nothing when sound has come meanwhile."""
        silent_since, moment = self._silent_since, self._moment()
        sounds: tuple[Sound, ...] = ()
        if not (self.voicing or self._asked_to_wait):
            sounds = await self._say(moment)
        if self._silent_since != silent_since or self.to_client.statistics().current_buffer_used:
            return
        if sounds and not self.voicing:
            self._asked_to_wait = True
            self.to_client.send_nowait(Saying(moment, sounds))
        else:
            self.to_client.send_nowait(Cue(Sound(waiting_tones(self.rate), self.rate)))

    async def _say(self, moment: Sentence) -> tuple[Sound, ...]:
        """Its sound from the first voice that has it in time; () when none has."""
        for without_first in (False, True)[: self.voice.several + 1]:
            with trio.move_on_after(VOICE_SECONDS), suppress(ProviderError):
                return await self.voice.sounds(moment, without_first=without_first)
        return ()

    def _moment(self) -> Sentence:
        return aside(phrases.MOMENT, self.language, trail=" ")
