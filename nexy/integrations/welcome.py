"""A greeting, said aloud."""

from dataclasses import dataclass

import trio

from nexy.errors import BadRequest, ProviderTimeout
from nexy.integrations.phrases import GREETINGS, in_language
from nexy.modules.audio_generation import Voice
from nexy.modules.text_filtering import language_of, speakable
from nexy.types import Sentence, Sound

MOST_CHARS = 2_000  # about two minutes of speech: the whole is made before its length can be told


@dataclass(frozen=True)
class Greeting:
    """A greeting's sound, whole."""

    method: str  # the voice provider that said it
    rate: int  # Hz
    sounds: tuple[Sound, ...]

    @property
    def seconds(self) -> float:
        return sum(sound.seconds for sound in self.sounds)


@dataclass(frozen=True)
class Welcome:
    """Says greetings."""

    voice: Voice
    first_sound_seconds: float

    async def greet(self, text: str, voice: str, language: str) -> Greeting:
        """`text` (empty: the default greeting in `language`) said by `voice` (empty: the usual one).

        Raises BadRequest for a voice that does not exist or a text that is too long, ProviderError
        when there is no sound.
        """
        if len(text) > MOST_CHARS:
            raise BadRequest(f"the text has {len(text)} characters; at most {MOST_CHARS} are said")
        if not text.strip():
            text, language = in_language(GREETINGS, language)
        elif not language:
            language = language_of(text)
        short = language.replace("_", "-").partition("-")[0].lower()
        spoken = speakable(text, short)
        name = self.voice.choose(voice, language)
        sounds = []
        with trio.move_on_after(self.first_sound_seconds) as patience:
            async with self.voice.speak(Sentence(text, spoken.text, spoken.marks, short, name)) as stream:
                async for sound in stream:
                    sounds.append(sound)
                    patience.deadline = trio.current_time() + self.first_sound_seconds
        if patience.cancelled_caught:
            raise ProviderTimeout("the voice was silent for too long")
        if not sounds:
            raise BadRequest("there is nothing in this text that can be said")
        return Greeting(self.voice.name, sounds[0].rate, tuple(sounds))
