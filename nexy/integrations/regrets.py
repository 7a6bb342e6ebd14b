"""What a user who only listens hears when there is no answer, or no more of one."""

from dataclasses import dataclass, field

import trio

from nexy.errors import Closing, Fault, Forbidden, ProviderError, Refused, TooLarge, Unauthenticated
from nexy.integrations import phrases
from nexy.integrations.phrases import Phrases, in_language
from nexy.integrations.sayings import Sayings
from nexy.modules.audio_generation import cut, falling_tones
from nexy.modules.text_filtering import speakable
from nexy.nursery.session import Ended, Why
from nexy.types import MOST_SOUND_BYTES, AudioChunk, SendReply, Sentence, Sound, TextChunk
from nexy.utils.allowance import Allowance

ENDED_VOICE_SECONDS = (
    1.5  # for a voice to say how a turn ended: half of its last words, the rest is to send it
)
REFUSED_VOICE_SECONDS = 0.6  # and why it was not let in: a gateway has a second for that

REFUSED_AT_ONCE, REFUSED_PER_SECOND = 10, 5
"""Of those who are refused, so many are told in words; the others hear two tones. Three seconds of speech
cost 3 ms of the processor, so a rush at the door may take some 2 % of a core for words."""

STRANGERS_AT_ONCE, STRANGERS_PER_SECOND = 20, 2  # are told aloud; 3 s of sound are 300 kB for one request


@dataclass(frozen=True)
class Regrets:
    """Says in words that something went wrong: as text, and as sound even when no voice works."""

    sayings: Sayings
    rate: int  # of the sound that is sent, Hz
    nursery: trio.Nursery  # the server's: what had no time to be made is made there for the next user
    door: Allowance = field(default_factory=lambda: Allowance(REFUSED_AT_ONCE, REFUSED_PER_SECOND))
    refused: Allowance = field(default_factory=lambda: Allowance(REFUSED_AT_ONCE, REFUSED_PER_SECOND))
    strangers: Allowance = field(default_factory=lambda: Allowance(STRANGERS_AT_ONCE, STRANGERS_PER_SECOND))

    @property
    def tones(self) -> list[AudioChunk]:
        """What is heard where there is no time for words."""
        return _chunks(Sound(falling_tones(self.rate), self.rate))

    async def say_how_it_ended(self, ended: Ended, *, language: str, begun: bool, reply: SendReply) -> None:
        """Say why a turn ended, if its user could not tell. `begun`: something of its answer was sent."""
        regret = _regret_of(ended, begun)
        if regret is not None:
            text, language = in_language(regret, language)
            await reply(TextChunk(f" {text}" if begun else text))
            await self._say(text, language, reply, ENDED_VOICE_SECONDS)

    async def say_refused(self, error: Exception, *, language: str, reply: SendReply) -> None:
        """Say that a request was not let in: in a rush of them in words to some, and in tones to the others.

        Of strangers, the others are told nothing aloud.
        """
        if isinstance(error, (Unauthenticated, Forbidden)) and not self.strangers.take():
            return
        text, language = in_language(_regret_of_refusal(error), language)
        await reply(TextChunk(text))
        if isinstance(error, Refused) and not self.refused.take():
            for tone in self.tones:
                await reply(tone)
        else:
            await self._say(text, language, reply, REFUSED_VOICE_SECONDS)

    async def _say(self, text: str, language: str, reply: SendReply, voice_seconds: float) -> None:
        for sound in await self._sounds(text, language, voice_seconds):
            for chunk in _chunks(sound):
                await reply(chunk)

    async def _sounds(self, text: str, language: str, voice_seconds: float) -> tuple[Sound, ...]:
        """Two falling tones when every voice fails, or would be too late."""
        spoken = speakable(text, language)
        sounds: tuple[Sound, ...] = ()
        sentence = Sentence(text, spoken.text, spoken.marks, language)
        with trio.move_on_after(voice_seconds):
            sounds = await self.sayings.soon(sentence, voice_seconds, self.nursery)
        return sounds or (Sound(falling_tones(self.rate), self.rate),)


def _chunks(sound: Sound) -> list[AudioChunk]:
    return [AudioChunk(pcm, sound.rate) for pcm in cut(sound.pcm, MOST_SOUND_BYTES, MOST_SOUND_BYTES)]


def _regret_of_refusal(error: Exception) -> Phrases:
    match error:
        case Closing():
            return phrases.CLOSING
        case Refused():
            return phrases.BUSY
        case TooLarge():
            return phrases.TOO_LARGE
        case Unauthenticated() | Forbidden():
            return phrases.STRANGER
        case _:
            return phrases.CANNOT


def _regret_of(ended: Ended, begun: bool) -> Phrases | None:
    match ended.why:
        case Why.FAILED:
            fault = ended.error.fault if isinstance(ended.error, ProviderError) else Fault.BROKEN
            if fault is Fault.BLOCKED:
                return phrases.DECLINED
            if fault is Fault.CROWDED:
                return phrases.BUSY
            return phrases.SLOW if begun and fault is Fault.SILENT else phrases.CANNOT
        case Why.TOO_LONG:
            return phrases.SLOW
        case Why.CLOSING:
            return phrases.CLOSING
        case _:
            return None
