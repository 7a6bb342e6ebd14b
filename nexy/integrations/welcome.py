"""A greeting, said aloud."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from nexy.errors import BadRequest
from nexy.integrations.entrance import Entrance
from nexy.integrations.phrases import GREETING, in_language
from nexy.integrations.sayings import Sayings
from nexy.modules.session_management import NOBODY, new_session_id
from nexy.modules.text_filtering import NO_PRONUNCIATIONS, Pronunciations, language_of, speakable
from nexy.monitoring import log_turn
from nexy.monitoring.events import Events
from nexy.nursery.session import Ended, Turn
from nexy.types import HardwareId, Sentence, Sound, Timing

MOST_CHARS = 2_000  # about two minutes of speech: the whole is made before its length can be told


@dataclass(frozen=True)
class Greeting:
    """A greeting's sound, whole."""

    rate: int  # Hz
    sounds: tuple[Sound, ...]

    @property
    def method(self) -> str:
        """The voice provider that said it; several, in their order, when one took over from another."""
        return ",".join(dict.fromkeys(sound.provider for sound in self.sounds))

    @property
    def seconds(self) -> float:
        return sum(sound.seconds for sound in self.sounds)


@dataclass(frozen=True)
class Welcome:
    """Says greetings, within the same limits as answers."""

    entrance: Entrance
    sayings: Sayings
    longest_seconds: float  # for making one and sending it
    pronunciations: Pronunciations = NO_PRONUNCIATIONS
    events: Events = field(default_factory=Events)

    @asynccontextmanager
    async def turn(
        self,
        asked: tuple[str, str, str],
        deliver: Callable[[Greeting], Awaitable[None]],
        timing: Timing,
        who: HardwareId = NOBODY,
    ) -> AsyncIterator[Ended]:
        """Have (text, voice, language) said as `greet` does, and `deliver` it; yields how it ended.

        `who` asks, if it is known. Raises Refused.
        """
        turn = Turn(timing, self.longest_seconds)

        async def work() -> None:
            await deliver(await self.greet(*asked))

        async with self.entrance.admitted(who, new_session_id(), turn):
            try:
                await turn.run(work)
            finally:
                turn.leave()
                self.events.welcome_over(turn.ended.why.value)
                log_turn("", "", f"welcome {turn.ended.why.value}", error=turn.ended.error)
            yield turn.ended

    async def greet(self, text: str, voice: str, language: str) -> Greeting:
        """`text` (empty: the default greeting in `language`) said by `voice` (empty: the usual one).

        Raises BadRequest for a voice that does not exist or a text that is too long, ProviderError
        when there is no sound.
        """
        if len(text) > MOST_CHARS:
            raise BadRequest(f"the text has {len(text)} characters; at most {MOST_CHARS} are said")
        if not text.strip():
            text, language = in_language(GREETING, language)
        elif not language:
            language = language_of(text)
        short = language.replace("_", "-").partition("-")[0].lower()
        spoken = speakable(text, short, pronunciations=self.pronunciations)
        name = self.sayings.choose(voice, language)
        sounds = await self.sayings.sounds(Sentence(text, spoken.text, spoken.marks, short, name))
        if not sounds:
            raise BadRequest("there is nothing in this text that can be said")
        return Greeting(sounds[0].rate, sounds)
