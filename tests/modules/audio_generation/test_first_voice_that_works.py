"""Several voices as one: who is asked when, and how one takes over from another inside a sentence."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest
import trio
from trio.testing import MockClock

from nexy.config import PatienceConfig
from nexy.errors import BadRequest, Fault, ProviderError, ProviderTimeout
from nexy.modules.audio_generation import FirstThatWorks, Playback, Voice
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.types import Sentence, Sound, Word
from tests.integrations.fakes import RATE, BrokenVoice, Script, SlowVoice, Step

TEXT = "One two three four."
WORDS = ((0, 3), (4, 7), (8, 13), (14, 19))
SENTENCE = Sentence(TEXT, TEXT, tuple((end, end) for _, end in WORDS))
WORD_SECONDS = 0.2  # each of Tone's
DROPPED = ProviderError("it broke off", Fault.DROPPED)  # a second try often does not meet it again
BROKEN = ProviderError("it is broken", Fault.BROKEN)


def sound(seconds: float, *words: Word) -> Sound:
    return Sound(bytes(2 * round(seconds * RATE)), RATE, words)


def signed(seconds: float, *words: Word, by: str = "scripts") -> Sound:
    return replace(sound(seconds, *words), provider=by)


def word(number: int) -> Word:
    """When a word of TEXT sounds if each takes half a second."""
    return Word(*WORDS[number], number / 2, (number + 1) / 2)


class Scripts(BrokenVoice):
    """Follows the next script with each attempt, and notes when each came and for which sentence."""

    def __init__(self, *scripts: Sequence[Step[Sound]], name: str = "scripts") -> None:
        super().__init__()
        self.name = name
        self._scripts = list(scripts)
        self.asked: list[Sentence] = []
        self.times: list[float] = []
        self.left = 0

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.asked.append(sentence)
        self.times.append(trio.current_time())
        try:
            yield Script(self._scripts.pop(0))
        finally:
            self.left += 1


class Knows(Tone):
    """Has one voice only."""

    def __init__(self, voice: str) -> None:
        super().__init__(RATE)
        self.name = f"knows {voice}"
        self._voice = voice
        self.chosen: list[str] = []

    def choose(self, voice: str, language: str) -> str:
        if voice not in ("", self._voice):
            raise BadRequest(f"{self.name} only")
        return self._voice

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.chosen.append(sentence.voice)
        yield Script(list(self._sounds(sentence.spoken)))


def together(*voices: Voice, **patience: float) -> FirstThatWorks:
    return FirstThatWorks(voices, PatienceConfig.model_validate(patience))


async def all_of(voice: Voice, sentence: Sentence = SENTENCE) -> list[Sound]:
    async with voice.speak(sentence) as sounds:
        return [sound async for sound in sounds]


async def test_one_voice_alone_holds_nothing_back() -> None:
    pieces = [sound(0.1), sound(0.1), sound(0.3, word(0)), sound(0.1)]
    assert await all_of(together(Scripts(pieces))) == [replace(one, provider="scripts") for one in pieces]


async def test_one_voice_alone_is_asked_again_before_its_first_sound(autojump_clock: MockClock) -> None:
    voice = Scripts([DROPPED], [sound(1.0)])
    assert await all_of(together(voice)) == [signed(1.0)]
    assert voice.times == [0.0, pytest.approx(0.15, abs=0.1)]
    assert voice.left == 2


async def test_one_voice_alone_is_not_asked_again_after_its_first_sound(autojump_clock: MockClock) -> None:
    voice, came = Scripts([sound(1.0), DROPPED], [sound(1.0)]), list[Sound]()
    with pytest.raises(ProviderError) as raised:
        async with together(voice).speak(SENTENCE) as sounds:
            async for one in sounds:
                came.append(one)
    assert (raised.value, came, voice.left) == (DROPPED, [signed(1.0)], 1)


async def test_one_voice_alone_without_sound_is_not_a_failure() -> None:
    guarded = together(Scripts([]), circuit_breaker_threshold=1)
    assert await all_of(guarded) == []
    assert guarded.states == {"scripts": "closed"}


async def test_the_next_voice_says_what_is_left_of_a_sentence(autojump_clock: MockClock) -> None:
    first = Scripts([sound(0.4), sound(0.8, word(0), word(1)), BROKEN], name="first")
    second = Tone(RATE)
    began = trio.current_time()
    sounds = await all_of(together(first, second))
    assert trio.current_time() == began
    assert sum(one.seconds for one in sounds) == pytest.approx(1.0 + 2 * WORD_SECONDS)
    words = [one for each in sounds for one in each.words]
    assert [(one.start, one.end) for one in words] == list(WORDS)
    assert [one.until for one in words] == pytest.approx([0.5, 1.0, 1.2, 1.4])


async def test_a_voice_that_broke_off_may_say_the_rest_itself(autojump_clock: MockClock) -> None:
    voice = Scripts([sound(1.2, word(0), word(1)), DROPPED], [sound(1.0, word(0))])
    sounds = await all_of(together(voice, BrokenVoice(BROKEN)))
    assert [asked.spoken for asked in voice.asked] == [TEXT, "three four."]
    assert [one.at for each in sounds for one in each.words] == [0.0, 0.5, 1.0]


async def test_what_was_heard_is_exact_after_a_takeover(autojump_clock: MockClock) -> None:
    first = Scripts([sound(0.4), sound(0.8, word(0), word(1)), BROKEN], name="first")
    playback = Playback()
    playback.begin(SENTENCE)
    for one in await all_of(together(first, Tone(RATE))):
        playback.learn(one.words)
        playback.sent(one.seconds, 0.0)
    playback.finish()
    assert [playback.heard(now) for now in (0.49, 0.5, 0.99, 1.0, 1.19, 1.2, 1.39, 1.4)] == [
        "",
        "One",
        "One",
        "One two",
        "One two",
        "One two three",
        "One two three",
        TEXT,
    ]


async def test_three_voices_share_one_sentence(autojump_clock: MockClock) -> None:
    one = Scripts([sound(0.7, word(0)), BROKEN], name="one")
    two = Scripts([sound(0.6, Word(0, 3, 0.0, 0.3), Word(4, 9, 0.3, 0.8)), BROKEN], name="two")
    sounds = await all_of(together(one, two, Tone(RATE)))
    words = [each for sound in sounds for each in sound.words]
    assert two.asked[0].spoken == "two three four."
    assert [(each.start, each.end) for each in words] == list(WORDS)
    assert [each.until for each in words] == pytest.approx([0.5, 0.8, 1.0, 1.2])
    assert all(earlier.until <= later.at + 1e-9 for earlier, later in pairwise(words))
    sent = list(accumulate(sound.seconds for sound in sounds))
    assert sent[-1] == pytest.approx(1.2)
    assert [sound.provider for sound in sounds] == ["one", "two", "tone"]


async def test_a_voice_without_sound_is_no_failure_and_the_next_is_asked(autojump_clock: MockClock) -> None:
    mute = Scripts([], [], [], [], name="mute")
    guarded = together(mute, Tone(RATE), circuit_breaker_threshold=1)
    for _ in range(2):
        assert sum(one.seconds for one in await all_of(guarded)) == pytest.approx(4 * WORD_SECONDS)
    assert guarded.states == {"mute": "closed", "tone": "closed"}


async def test_when_no_voice_makes_a_sound_there_is_none(autojump_clock: MockClock) -> None:
    guarded = together(Scripts([], [], name="mute"), Scripts([], [], name="dumb"))
    assert await all_of(guarded) == []


async def test_when_all_fail_the_last_error_is_raised(autojump_clock: MockClock) -> None:
    voices = [
        BrokenVoice(ProviderError("first", Fault.KEY)),
        BrokenVoice(ProviderError("second", Fault.QUOTA)),
    ]
    with pytest.raises(ProviderError, match="second"):
        await all_of(together(*voices))


async def test_when_the_others_fail_one_without_sound_does_not_hide_it(autojump_clock: MockClock) -> None:
    for voices in ([BrokenVoice(), BrokenVoice(DROPPED)], [BrokenVoice(DROPPED), BrokenVoice()]):
        with pytest.raises(ProviderError):
            await all_of(together(*voices))


async def test_voices_that_are_left_alone_are_not_asked(autojump_clock: MockClock) -> None:
    broken = Scripts([ProviderError("no", Fault.KEY)], [sound(1.0)], name="broken")
    guarded = together(broken, Tone(RATE), circuit_breaker_threshold=1, circuit_breaker_seconds=60)
    for _ in range(3):
        await all_of(guarded)
    assert len(broken.asked) == 1
    assert guarded.states == {"broken": "open", "tone": "closed"}
    await trio.sleep(60)
    assert await all_of(guarded) == [signed(1.0, by="broken")]
    assert guarded.states == {"broken": "closed", "tone": "closed"}


async def test_a_voice_that_is_silent_at_first_is_not_waited_for(autojump_clock: MockClock) -> None:
    guarded = together(SlowVoice(100.0), Tone(RATE), voice_first_sound_seconds=5)
    assert sum(one.seconds for one in await all_of(guarded)) == pytest.approx(4 * WORD_SECONDS)
    assert trio.current_time() == 5
    with pytest.raises(ProviderTimeout):
        await all_of(together(SlowVoice(100.0), BrokenVoice(100.0), voice_first_sound_seconds=5))
    assert trio.current_time() == 15


async def test_a_voice_that_falls_silent_in_a_sentence(autojump_clock: MockClock) -> None:
    steps: list[Step[Sound]] = [sound(0.5, word(0)), 100.0, sound(0.5, word(1))]
    sounds = await all_of(together(BrokenVoice(*steps), Tone(RATE), voice_first_sound_seconds=5))
    assert [one.end for each in sounds for one in each.words] == [3, 7, 13, 19]
    assert trio.current_time() == 5
    for voices in ([BrokenVoice(*steps)], [BrokenVoice(*steps), BrokenVoice(*steps)]):
        with pytest.raises(ProviderTimeout):
            await all_of(together(*voices, voice_first_sound_seconds=5))


async def test_a_reader_that_is_slow_is_not_a_voice_that_is_silent(autojump_clock: MockClock) -> None:
    for others in ([], [Tone(RATE)]):
        voice = Scripts([sound(0.5, word(n)) for n in range(4)])
        async with together(voice, *others, voice_first_sound_seconds=5).speak(SENTENCE) as sounds:
            async for _ in sounds:
                await trio.sleep(20)
        assert len(voice.asked) == 1


def test_choosing_asks_all() -> None:
    guarded = together(Knows("anna"), Knows("boris"))
    assert guarded.choose("", "en") == "anna"
    assert guarded.choose("boris", "en") == "boris"
    with pytest.raises(BadRequest, match="anna"):
        guarded.choose("nobody", "en")


async def test_each_speaks_with_a_voice_that_it_has(autojump_clock: MockClock) -> None:
    anna, boris = Knows("anna"), Knows("boris")
    sentence = Sentence(TEXT, TEXT, voice="boris")
    await all_of(together(anna, boris), sentence)
    await all_of(together(BrokenVoice(DROPPED, DROPPED), boris), sentence)
    await all_of(together(boris), sentence)
    assert (anna.chosen, boris.chosen) == (["anna"], ["boris", "boris"])


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("after", [0.0, 0.5, 3.0])
async def test_a_cancelled_reader_leaves_no_task(
    others: int, after: float, autojump_clock: MockClock
) -> None:
    """While the first sound is waited for, and while the next is."""
    voice = Scripts([1.0, sound(0.5), 10.0])
    tasks = trio.lowlevel.current_statistics().tasks_living
    with trio.move_on_after(after) as scope:
        await all_of(together(voice, *[Tone(RATE)] * others, voice_first_sound_seconds=20))
    assert scope.cancelled_caught
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert voice.left == len(voice.asked)
    assert trio.current_time() == after


@pytest.mark.parametrize("others", [0, 1])
async def test_a_reader_that_has_enough_leaves_no_task(others: int, autojump_clock: MockClock) -> None:
    voice = Scripts([sound(0.5), 1.0, sound(0.5)])
    guarded = together(voice, *[Tone(RATE)] * others, circuit_breaker_threshold=1)
    tasks = trio.lowlevel.current_statistics().tasks_living
    async with guarded.speak(SENTENCE) as sounds:
        await sounds.receive()
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert (voice.left, trio.current_time()) == (1, 0)
    assert guarded.states["scripts"] == "closed"


@pytest.mark.parametrize("others", [0, 1])
async def test_an_error_of_the_reader_is_its_own(others: int, autojump_clock: MockClock) -> None:
    guarded = together(Scripts([sound(0.5), sound(0.5)]), *[Tone(RATE)] * others, circuit_breaker_threshold=1)
    with pytest.raises((ZeroDivisionError, ExceptionGroup)) as raised:
        async with guarded.speak(SENTENCE) as sounds:
            await sounds.receive()
            raise ZeroDivisionError
    assert isinstance(raised.value, ZeroDivisionError) or raised.group_contains(ZeroDivisionError)
    assert set(guarded.states.values()) == {"closed"}


async def test_a_voice_that_is_taken_out_is_not_asked_until_it_is_back(autojump_clock: MockClock) -> None:
    one, two = Scripts([sound(1.0)], name="one"), Scripts([sound(1.0)], [sound(1.0)], name="two")
    voice = FirstThatWorks([one, two], PatienceConfig())
    assert voice.switch("one", on=False)
    assert voice.asked_now() == ["one", "two"]
    for names, on in ((["two"], False), (["one"], True)):
        voice.switch("one", on=on)
        async with voice.speak(SENTENCE) as sounds:
            assert [part.provider async for part in sounds] == names
    assert voice.states == {"one": "closed", "two": "closed"}
