"""Sentences that are said often are made once; what is kept is bounded."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from nexy.config import PatienceConfig
from nexy.errors import ProviderError
from nexy.integrations.sayings import MOST_KEPT_BYTES, MOST_KEPT_SECONDS, Sayings
from nexy.modules.audio_generation import FirstThatWorks, Voice
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.types import Sentence, Sound, Stream, Word
from tests.integrations.fakes import RATE, BrokenVoice, Script, SlowVoice, Step

SECOND = bytes(2 * RATE)


def kept_of(*voices: Voice, **patience: float) -> Sayings:
    return Sayings(FirstThatWorks(voices, PatienceConfig.model_validate(patience)))


def sentence(text: str, language: str = "en", voice: str = "") -> Sentence:
    return Sentence(text, text, (), language, voice)


class Counting(Tone):
    """Notes what it was asked to say."""

    def __init__(self) -> None:
        super().__init__(RATE)
        self.asked: list[Sentence] = []

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        self.asked.append(sentence)
        return super().speak(sentence)


class Mended(BrokenVoice):
    """Follows its script until it is mended; then it speaks."""

    name = "mended"

    def __init__(self, *steps: Step[Sound]) -> None:
        super().__init__(*steps)
        self.works = False
        self.asked = 0

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.asked += 1
        yield Script(list(self._sounds(sentence.spoken)) if self.works else self._steps)


class Long(Counting):
    """Speaks for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._pcm = bytes(2 * round(seconds * RATE))

    def _sounds(self, spoken: str) -> Iterator[Sound]:
        yield Sound(self._pcm, RATE)


async def test_a_sentence_is_made_once() -> None:
    voice = Counting()
    sayings = kept_of(voice)
    first = await sayings.sounds(sentence("Hello there."))
    assert await sayings.sounds(sentence("Hello there.")) is first
    assert sum(sound.seconds for sound in first) == pytest.approx(0.4)
    assert len(voice.asked) == 1


async def test_each_voice_and_language_has_its_own() -> None:
    voice = Counting()
    sayings = kept_of(voice)
    each = [
        sentence("Hallo."),
        sentence("Hallo.", "de"),
        sentence("Hallo.", "en", "tone"),
        sentence("Hello."),
    ]
    for one in each * 2:
        await sayings.sounds(one)
    assert [(asked.spoken, asked.language) for asked in voice.asked] == [
        (one.spoken, one.language) for one in each
    ]


async def test_a_failure_is_not_kept() -> None:
    for failing in (Mended(ProviderError("no")), Mended(Sound(SECOND, RATE), ProviderError("no"))):
        sayings = kept_of(failing)
        with pytest.raises(ProviderError):
            await sayings.sounds(sentence("Hello."))
        failing.works = True
        assert sum(sound.seconds for sound in await sayings.sounds(sentence("Hello."))) == pytest.approx(0.2)


async def test_half_a_sentence_is_not_kept(autojump_clock: MockClock) -> None:
    sayings = kept_of(
        BrokenVoice(Sound(SECOND, RATE), 5.0, Sound(SECOND, RATE)), voice_first_sound_seconds=10
    )
    with trio.move_on_after(1):
        await sayings.sounds(sentence("Hello."))
    assert len(await sayings.sounds(sentence("Hello."))) == 2


async def test_silence_is_not_kept() -> None:
    voice = Mended()
    sayings = kept_of(voice)
    assert await sayings.sounds(sentence("Hello.")) == ()
    voice.works = True
    assert await sayings.sounds(sentence("Hello."))


@pytest.mark.parametrize(
    ("seconds", "kept"), [(MOST_KEPT_SECONDS - 0.1, True), (MOST_KEPT_SECONDS + 0.1, False)]
)
async def test_what_is_long_is_not_kept(seconds: float, kept: bool) -> None:
    voice = Long(seconds)
    sayings = kept_of(voice)
    for _ in range(2):
        await sayings.sounds(sentence("Hello."))
    assert len(voice.asked) == (1 if kept else 2)


async def test_what_was_not_used_for_longest_makes_room() -> None:
    voice = Long(10)
    sayings = kept_of(voice)
    fit = MOST_KEPT_BYTES // (10 * len(SECOND))
    for number in range(fit):
        await sayings.sounds(sentence(str(number)))
    await sayings.sounds(sentence("0"))  # used again
    assert len(voice.asked) == fit
    await sayings.sounds(sentence("one more"))
    await sayings.sounds(sentence("0"))
    assert len(voice.asked) == fit + 1
    await sayings.sounds(sentence("1"))
    assert len(voice.asked) == fit + 2
    assert repr(sayings) == f"<Sayings {fit} kept, {fit * 10 * len(SECOND)} bytes>"


async def test_two_who_ask_at_once_keep_it_once(autojump_clock: MockClock) -> None:
    voice = SlowVoice(1.0)
    sayings = kept_of(voice)
    async with trio.open_nursery() as both:
        both.start_soon(sayings.sounds, sentence("Hello there."))
        both.start_soon(sayings.sounds, sentence("Hello there."))
    assert repr(sayings) == f"<Sayings 1 kept, {round(0.4 * RATE) * 2} bytes>"


async def test_nothing_said_shows() -> None:
    sayings = kept_of(Counting())
    await sayings.sounds(sentence("secret"))
    assert "secret" not in repr(sayings)


async def test_what_is_kept_is_what_is_spoken_and_the_rest_is_only_said() -> None:
    voice = Counting()
    sayings = kept_of(voice)
    kept = await sayings.sounds(sentence("Hello."))
    for text in ("Hello.", "Bye.", "Bye."):
        async with sayings.speak(sentence(text)) as sounds:
            said = [sound async for sound in sounds]
        assert (said == list(kept)) is (text == "Hello.")
    assert [asked.spoken for asked in voice.asked] == ["Hello.", "Bye.", "Bye."]


BREAKER = {"circuit_breaker_threshold": 1, "circuit_breaker_seconds": 60}
DOWN = ProviderError("down")


def providers(sounds: tuple[Sound, ...]) -> set[str]:
    return {sound.provider for sound in sounds}


async def test_what_the_second_voice_made_serves_until_the_first_works_again(
    autojump_clock: MockClock,
) -> None:
    first, second = Mended(DOWN), Counting()
    sayings = kept_of(first, second, **BREAKER)
    for _ in range(3):
        assert providers(await sayings.sounds(sentence("Sorry."))) == {"tone"}
    assert (first.asked, len(second.asked)) == (1, 1)
    first.works = True
    await trio.sleep(60)
    for _ in range(3):
        assert providers(await sayings.sounds(sentence("Sorry."))) == {"mended"}
    assert (first.asked, len(second.asked)) == (2, 1)


async def test_what_the_second_voice_made_serves_while_somebody_else_tries_the_first_one_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first, second = Mended(4.0, ProviderError("down")), Counting()
    sayings = kept_of(first, second, circuit_breaker_threshold=1, circuit_breaker_seconds=60)
    said = await sayings.sounds(sentence("Hello."))
    await trio.sleep(60)
    nursery.start_soon(sayings.sounds, sentence("Bye."))
    await trio.sleep(1)
    assert await sayings.sounds(sentence("Hello.")) is said
    assert (first.asked, len(second.asked)) == (2, 1)


async def test_what_the_first_voice_made_serves_also_while_it_is_down(autojump_clock: MockClock) -> None:
    first = Mended(DOWN)
    sayings = kept_of(first, Tone(RATE), **BREAKER)
    first.works = True
    kept = await sayings.sounds(sentence("Sorry."))
    first.works = False
    assert providers(await sayings.sounds(sentence("Other."))) == {"tone"}  # this opens its breaker
    assert await sayings.sounds(sentence("Sorry.")) is kept
    assert providers(kept) == {"mended"}


async def test_what_two_voices_made_together_is_not_kept(autojump_clock: MockClock) -> None:
    half = Sound(bytes(RATE), RATE, (Word(0, 3, 0.0, 0.25), Word(4, 7, 0.25, 0.5)))
    first = Mended(half, DOWN)
    sayings = kept_of(first, Tone(RATE))
    assert providers(await sayings.sounds(sentence("One two three four."))) == {"mended", "tone"}
    assert repr(sayings) == "<Sayings 0 kept, 0 bytes>"
    first.works = True
    assert providers(await sayings.sounds(sentence("One two three four."))) == {"mended"}
