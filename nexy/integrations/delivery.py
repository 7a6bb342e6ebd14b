"""What goes to the client, in order and in time: each sentence's text, and then its sound."""

from dataclasses import dataclass
from typing import TypeAlias

import trio

from nexy.integrations.cast import Times
from nexy.modules.audio_generation import Playback, cut
from nexy.types import (
    MOST_SOUND_BYTES,
    AudioChunk,
    SendReply,
    Sentence,
    Sound,
    SpokenWord,
    TextChunk,
)

FIRST_SOUND_SECONDS = 0.04  # of an answer's first chunk: the sooner it is whole, the sooner it is heard


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence with all of its sound."""

    sentence: Sentence
    sounds: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A sound without words, which belongs to no sentence and may come in the middle of one."""

    sound: Sound


Voiced: TypeAlias = Sentence | Sound | Saying | Cue  # a sentence and then its sounds, or both as one
ToClient: TypeAlias = trio.MemorySendChannel[Voiced]
FromVoice: TypeAlias = trio.MemoryReceiveChannel[Voiced]


class Delivery:
    """Sends one answer with `reply`, no further ahead of real time than `lead_seconds`."""

    def __init__(self, reply: SendReply, times: Times, lead_seconds: float, *, word_times: bool) -> None:
        self.playback = Playback()
        self._reply = reply
        self._times = times
        self._lead_seconds = lead_seconds
        self._word_times = word_times
        self._saying = Sentence("", "")  # whose sound is being sent
        self._cues_seconds = 0.0  # of sound that was sent since its text, and is not its own

    def __repr__(self) -> str:
        return f"<Delivery {self.playback!r}>"

    async def stream(self, voiced: FromVoice) -> None:
        """Send what comes, until no more does."""
        async for item in voiced:
            match item:
                case Sentence():
                    await self._send_text(item)
                case Sound():
                    await self._send_sound(item)
                case Saying():
                    await self._send_text(item.sentence)
                    for sound in item.sounds:
                        await self._send_sound(sound)
                case Cue():
                    await self._send_cue(item.sound)
        self._times.sent()

    async def _send_text(self, sentence: Sentence) -> None:
        self.playback.begin(sentence)
        self._saying, self._cues_seconds = sentence, 0.0
        self._times.sends(sentence)
        await self._reply(TextChunk(sentence.text))

    async def _send_sound(self, sound: Sound) -> None:
        self.playback.learn(sound.words)
        self._times.voice = self._times.voice or sound.provider
        first = MOST_SOUND_BYTES
        if self._times.first_sound is None:
            first = 2 * int(FIRST_SOUND_SECONDS * sound.rate)
        words = self._spoken_words(sound) if self._word_times else ()
        for pcm in cut(sound.pcm, first, MOST_SOUND_BYTES):
            chunk, words = AudioChunk(pcm, sound.rate, words), ()
            due = self.playback.due(max(0.0, self._lead_seconds - chunk.seconds))
            if due > trio.current_time():
                await trio.sleep_until(due)
            await self._reply(chunk)
            self.playback.sent(chunk.seconds, trio.current_time())
            self._note(chunk, aside=self._saying.aside)

    async def _send_cue(self, sound: Sound) -> None:
        for pcm in cut(sound.pcm, MOST_SOUND_BYTES, MOST_SOUND_BYTES):
            chunk = AudioChunk(pcm, sound.rate)
            await self._reply(chunk)
            self.playback.sent_aside(chunk.seconds, trio.current_time())
            self._cues_seconds += chunk.seconds
            self._note(chunk, aside=True)

    def _note(self, chunk: AudioChunk, *, aside: bool) -> None:
        self._times.sound_seconds += chunk.seconds
        if self._times.first_sound is None and not aside:  # "one moment" is not what was waited for
            self._times.first_sound = self._times.so_far()

    def _spoken_words(self, sound: Sound) -> tuple[SpokenWord, ...]:
        late = self._cues_seconds
        return tuple(
            SpokenWord(word.at + late, word.until + late, *self._saying.place(word)) for word in sound.words
        )
