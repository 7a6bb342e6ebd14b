"""Whatever fails, in whatever combination, the user hears something within ten seconds."""

from collections.abc import Iterable

import pytest
import trio
from trio.testing import MockClock

from nexy.config import PatienceConfig, TurnConfig
from nexy.errors import Fault, ProviderError
from nexy.integrations.cast import Cast
from nexy.integrations.phrases import MOMENT
from nexy.integrations.sayings import Sayings
from nexy.modules import audio_generation, text_processing
from nexy.modules.audio_generation import Voice, waiting_tones
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.session_management import History
from nexy.modules.text_processing import LanguageModel, Piece
from nexy.nursery.session import Ended
from nexy.types import AudioChunk, Done, Reply, Sound, TextChunk
from tests.integrations.fakes import (
    RATE,
    BrokenVoice,
    Client,
    Forgetful,
    Model,
    SilentVoice,
    SlowVoice,
    Step,
    answer,
    ask,
    cast,
    conversation,
)

PROMISED_SECONDS = 10.0
SILENT = 1_000_000.0
CUE = bytes(waiting_tones(RATE))

MODELS: dict[str, tuple[Step[Piece], ...]] = {
    "works": ("Here it is. ", "And more."),
    "silent": (SILENT,),
    "slow": (7.9, "Here it is."),
    "down": (ProviderError("down", Fault.UNREACHABLE),),
    "down late": (7.5, ProviderError("down", Fault.DROPPED)),
    "stops": ("Here it is. ", SILENT),
    "dribbles": tuple(step for word in ["One", "two", "three", "four"] for step in (7.5, f"{word} ")),
}
VOICES: dict[str, tuple[Step[Sound], ...] | None] = {
    "works": None,
    "silent": (SILENT,),
    "down": (ProviderError("down", Fault.UNREACHABLE),),
    "stops": (Sound(bytes(2 * RATE), RATE), SILENT),
    "down late": (4.9, ProviderError("down", Fault.DROPPED)),
}


def pairs(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Each of the first with each of the second; behind one that works nobody is asked."""
    return [(one, other) for one in kinds for other in kinds if one != "works" or other == "works"]


def voice(kind: str, name: str) -> Voice:
    steps = VOICES[kind]
    made = Tone(RATE) if steps is None else BrokenVoice(*steps)
    made.name = name
    return made


def model(kind: str, name: str) -> LanguageModel:
    made = Model(*MODELS[kind])
    made.name = name
    return made


def several(models: tuple[str, ...], voices: tuple[str, ...]) -> Cast:
    """As the server has them by default: with its patience, and its breaking of silence."""
    patience = PatienceConfig()
    names = ("gemini", "openai")  # gemini is asked twice in its time
    return Cast(
        text_processing.FirstThatWorks([model(*one) for one in zip(models, names, strict=True)], patience),
        Sayings(
            audio_generation.FirstThatWorks(
                [voice(*one) for one in zip(voices, ("edge", "espeak"), strict=True)], patience
            )
        ),
        Forgetful(),
        TurnConfig(),
        rate=RATE,
    )


def longest_silence(replies: list[tuple[float, Reply]], began: float, ended: float) -> float:
    """Seconds without anything to hear, by a player that plays what comes as it comes."""
    longest, heard_until = 0.0, began
    for at, reply in replies:
        if isinstance(reply, AudioChunk):
            longest = max(longest, at - heard_until)
            heard_until = max(heard_until, at) + reply.seconds
    return max(longest, ended - heard_until)


@pytest.mark.parametrize("models", pairs(MODELS), ids="+".join)
async def test_nobody_waits_in_silence(models: tuple[str, str], autojump_clock: MockClock) -> None:
    longest = {}
    for voices in pairs(VOICES):
        async with trio.open_nursery() as nursery:
            client, began = Client(), trio.current_time()
            await ask(conversation(nursery, several(models, voices)), list[Ended](), client=client)
            longest[voices] = longest_silence(client.replies, began, trio.current_time())
            nursery.cancel_scope.cancel()
    assert {voices: waited for voices, waited in longest.items() if waited > PROMISED_SECONDS} == {}


async def test_a_model_that_takes_long_is_announced_and_then_signalled(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(
        Model(30.0, "Here it is."), model_first_word_seconds=100, model_idle_seconds=100, silence_seconds=7
    )
    await answer(client, History(), who).run()
    assert client.texts == [MOMENT["en"] + " ", "Here it is."]
    cues = [at for at, chunk in client.sounds if bytes(chunk.pcm) == CUE]
    assert cues == [pytest.approx(7 + 0.4 + 7 + 7.3 * n) for n in range(3)]  # each 7 s after what was heard
    assert client.at(0) == (TextChunk, 7.0)
    assert client.at(-1) == (Done, 30.0)


async def test_in_the_middle_of_a_sentence_it_is_tones_and_no_words(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    who = cast(Model("Here it is."), SlowVoice(9.0), voice_first_sound_seconds=20, silence_seconds=7)
    await answer(client, history, who).run()
    assert client.texts == ["Here it is."]
    assert bytes(client.sounds[0][1].pcm) == CUE
    assert [round(at, 1) for at, _ in client.sounds[:2]] == [7.0, 9.0]
    assert [one.heard for one in history] == ["Here it is."]


async def test_what_was_heard_behind_a_sign_is_told_rightly(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    who = cast(
        Model("One two three four five."), SlowVoice(9.0), voice_first_sound_seconds=20, silence_seconds=7
    )
    with trio.move_on_at(9.0 + 0.5):  # two words have 0.4 s
        await answer(client, history, who, paced=False).run()
        await trio.sleep_forever()
    history.cut_off(trio.current_time())
    assert [one.heard for one in history] == ["One two"]


@pytest.mark.parametrize("first", [SilentVoice("first"), SlowVoice(1.5)])
async def test_a_voice_that_is_silent_too_is_not_waited_for(first: Voice, autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(Model(12.0, "Yes."), first, model_first_word_seconds=20, silence_seconds=7)
    with trio.move_on_after(11):
        await answer(client, History(), who).run()
    assert client.at(0) == (AudioChunk, 8.0)
    assert client.texts == []


async def test_the_second_voice_says_it_when_the_first_is_silent(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(Model(12.0, "Yes."), SilentVoice(), Tone(RATE), model_first_word_seconds=20, silence_seconds=7)
    with trio.move_on_after(11):
        await answer(client, History(), who).run()
    assert client.at(0) == (TextChunk, 8.0)
    assert client.texts == [MOMENT["en"] + " "]


async def test_a_model_that_begins_in_that_moment_is_not_talked_over(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(Model(7.4, "Yes."), SlowVoice(0.5), silence_seconds=7)
    await answer(client, History(), who).run()
    assert client.texts == ["Yes."]


async def test_a_client_that_is_slow_hears_no_signs(autojump_clock: MockClock) -> None:
    client = Client(seconds=20)
    await answer(client, History(), cast(Model("Here it is.", " And more."), silence_seconds=7)).run()
    assert client.texts == ["Here it is.", " And more."]
    assert CUE not in {bytes(chunk.pcm) for _, chunk in client.sounds}
