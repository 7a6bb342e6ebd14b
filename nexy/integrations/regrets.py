"""What a user who only listens hears when there is no answer, or no more of one."""

from dataclasses import dataclass

from nexy.errors import Closing, NexyError, ProviderError, ProviderTimeout, TooLarge
from nexy.integrations import phrases
from nexy.integrations.phrases import Phrases, in_language
from nexy.integrations.sayings import Sayings
from nexy.modules.audio_generation import cut, falling_tones
from nexy.modules.text_filtering import speakable
from nexy.nursery.session import Ended, Why
from nexy.types import MOST_SOUND_BYTES, AudioChunk, SendReply, Sentence, Sound, TextChunk


@dataclass(frozen=True)
class Regrets:
    """Says in words that something went wrong: as text, and as sound even when no voice works."""

    sayings: Sayings
    rate: int  # of the sound that is sent, Hz

    async def say_how_it_ended(self, ended: Ended, *, language: str, begun: bool, reply: SendReply) -> None:
        """Say why a turn ended, if its user could not tell. `begun`: something of its answer was sent."""
        regret = _regret_of(ended, begun)
        if regret is not None:
            await self._say(regret, language, reply, lead=" " if begun else "")

    async def say_refused(self, error: NexyError, *, language: str, reply: SendReply) -> None:
        """Say that a request was not let in."""
        if isinstance(error, Closing):
            regret = phrases.CLOSING
        else:
            regret = phrases.TOO_LARGE if isinstance(error, TooLarge) else phrases.BUSY
        await self._say(regret, language, reply)

    async def _say(self, regret: Phrases, language: str, reply: SendReply, lead: str = "") -> None:
        text, language = in_language(regret, language)
        await reply(TextChunk(lead + text))
        for sound in await self._sounds(text, language):
            for pcm in cut(sound.pcm, MOST_SOUND_BYTES, MOST_SOUND_BYTES):
                await reply(AudioChunk(pcm, sound.rate))

    async def _sounds(self, text: str, language: str) -> tuple[Sound, ...]:
        spoken = speakable(text, language)
        try:
            sounds = await self.sayings.sounds(Sentence(text, spoken.text, spoken.marks, language))
        except ProviderError:
            sounds = ()
        return sounds or (Sound(falling_tones(self.rate), self.rate),)


def _regret_of(ended: Ended, begun: bool) -> Phrases | None:
    match ended.why:
        case Why.FAILED:
            return phrases.SLOW if begun and isinstance(ended.error, ProviderTimeout) else phrases.CANNOT
        case Why.TOO_LONG:
            return phrases.SLOW
        case Why.CLOSING:
            return phrases.CLOSING
        case _:
            return None
