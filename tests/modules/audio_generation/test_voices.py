"""The contract of a Voice, over every provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest
import trio

from nexy.config import PatienceConfig, VoicesConfig
from nexy.errors import BadRequest, ProviderError
from nexy.modules.audio_generation import Voice, open_voice
from nexy.modules.audio_generation.providers import PROVIDERS
from nexy.modules.audio_generation.providers.espeak import espeak_languages
from nexy.nursery.border import open_asyncio
from nexy.types import Sentence, Sound
from tests.fakes.edge import open_fake_edge

RATE = 48_000
CONFIG = VoicesConfig()
ENGLISH = "Hello there, it's a fine day for a walk."
RUSSIAN = "Привет, сегодня хороший день для прогулки."
FRENCH = "Bonjour, il fait beau aujourd'hui, allons nous promener."
LONG = "This sentence goes on and on and on. " * 250


def sentence(text: str, language: str = "en", voice: str = "") -> Sentence:
    return Sentence(text, text, language=language, voice=voice)


@asynccontextmanager
async def open_over_fake() -> AsyncIterator[Voice]:
    """The provider edge, and a fake of the service behind it."""
    async with (
        open_asyncio(),
        open_fake_edge() as fake,
        PROVIDERS["edge"](CONFIG.model_copy(update={"edge_tts_url": fake.url})) as opened,
    ):
        yield opened


@pytest.fixture(params=list(PROVIDERS))
async def voice(request: pytest.FixtureRequest) -> AsyncIterator[Voice]:
    async with open_over_fake() if request.param == "edge" else PROVIDERS[request.param](CONFIG) as opened:
        yield opened


async def say(voice: Voice, what: Sentence) -> list[Sound]:
    async with voice.speak(what) as sounds:
        return [sound async for sound in sounds]


def seconds(sounds: list[Sound]) -> float:
    """How long it is: espeak's voices tremble by chance, so that no two sounds are the same."""
    return sum(sound.seconds for sound in sounds)


def pcm(sounds: list[Sound]) -> bytes:
    return b"".join(bytes(sound.pcm) for sound in sounds)


async def test_a_sentence_has_a_sound(voice: Voice) -> None:
    sounds = await say(voice, sentence(ENGLISH))
    samples = np.frombuffer(pcm(sounds), dtype="<i2").astype(float)
    assert {sound.rate for sound in sounds} == {RATE}
    assert 1.0 < len(samples) / RATE < 5.0
    assert np.sqrt((samples**2).mean()) > 500  # it can be heard
    assert all(len(sound.pcm) % 2 == 0 and len(sound.pcm) > 0 for sound in sounds)


async def test_each_word_has_its_time(voice: Voice) -> None:
    sounds = await say(voice, sentence(ENGLISH))
    words = [word for sound in sounds for word in sound.words]
    assert " ".join(ENGLISH[word.start : word.end] for word in words) == ENGLISH
    assert len(words) >= len(ENGLISH.split()) - 1  # espeak says "for a" as one
    assert all(word.at < word.until <= seconds(sounds) + 0.1 for word in words)
    assert all(one.until <= other.at + 1e-9 for one, other in pairwise(words))


async def test_nothing_to_say_has_no_sound(voice: Voice) -> None:
    assert await say(voice, sentence("")) == []
    assert await say(voice, sentence("   ")) == []


async def test_leaving_early_ends_the_work_and_the_next_one_is_said(voice: Voice) -> None:
    whole = seconds(await say(voice, sentence(ENGLISH)))
    for _ in range(5):
        async with voice.speak(sentence(LONG)) as sounds:
            await sounds.receive()
    with trio.CancelScope() as scope:
        async with voice.speak(sentence(LONG)) as sounds:
            await sounds.receive()
            scope.cancel()
            await sounds.receive()
    assert scope.cancelled_caught
    assert seconds(await say(voice, sentence(ENGLISH))) == pytest.approx(whole, rel=0.02)


async def test_an_error_in_the_block_comes_out_as_it_is(voice: Voice) -> None:
    with pytest.raises(ZeroDivisionError):
        async with voice.speak(sentence(ENGLISH)) as sounds:
            await sounds.receive()
            raise ZeroDivisionError


async def test_many_at_once_do_not_mix(voice: Voice) -> None:
    texts = ["again " * (number + 1) for number in range(10)]  # each is longer than the one before
    alone = [seconds(await say(voice, sentence(text))) for text in texts]
    together: dict[int, float] = {}

    async def one(number: int) -> None:
        together[number] = seconds(await say(voice, sentence(texts[number])))

    async with trio.open_nursery() as nursery:
        for number in range(len(texts)):
            nursery.start_soon(one, number)
    assert [together[number] for number in range(len(texts))] == pytest.approx(alone, rel=0.02)


async def test_one_who_waits_for_the_voice_can_leave(voice: Voice) -> None:
    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(say, voice, sentence(ENGLISH))
        await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert await say(voice, sentence(ENGLISH))


@pytest.mark.parametrize(
    "text", ["a\x00b", "\x07\x1b[31m", "\ud800", "<b>bold</b> [[h@l'oU]]", "𝒳" * 50, "й" * 2000]
)
async def test_no_text_breaks_it(voice: Voice, text: str) -> None:
    await say(voice, sentence(text))
    assert await say(voice, sentence(ENGLISH))


async def test_names_of_other_providers_are_understood_by_their_language(voice: Voice) -> None:
    russian = voice.choose("ru-RU-SvetlanaNeural", "")
    assert await say(voice, sentence(RUSSIAN, "ru", russian))
    assert voice.choose("en-US-JennyNeural", "ru") == voice.choose("", "en-US") == voice.choose("", "en")
    assert voice.choose("", "tlh") == voice.choose("", "")


async def test_an_unknown_voice_is_the_callers_mistake(voice: Voice) -> None:
    with pytest.raises(BadRequest, match="unknown voice"):
        voice.choose("no-such-voice", "en")


async def test_espeak_says_russian_with_a_russian_voice() -> None:
    async with PROVIDERS["espeak"](CONFIG) as voice:
        assert voice.choose("", "ru-RU") == "ru"
        assert voice.choose("", "de-AT") == "de"
        assert voice.choose("fr", "") == "fr-fr"
        russian = seconds(await say(voice, sentence(RUSSIAN, "ru")))
        assert russian == pytest.approx(seconds(await say(voice, sentence(RUSSIAN, "en", "ru"))), rel=0.02)
        assert russian != pytest.approx(seconds(await say(voice, sentence(RUSSIAN, "en"))), rel=0.1)


async def test_espeak_speaks_each_language_that_it_lists() -> None:
    """Also French and British English, which the library does not find by their languages."""
    async with PROVIDERS["espeak"](CONFIG) as voice:
        for language in espeak_languages():
            await say(voice, sentence("1, 2.", voice=language))
        for text, name in ((FRENCH, "fr-fr"), (ENGLISH, "en-gb")):
            assert 1 < seconds(await say(voice, sentence(text, voice=name))) < 5


async def test_espeak_begins_before_it_is_done() -> None:
    async with PROVIDERS["espeak"](CONFIG) as voice, voice.speak(sentence(LONG)) as sounds:
        first = await sounds.receive()
        assert first.seconds < 0.2


async def test_espeak_says_a_voice_that_it_does_not_have() -> None:
    async with PROVIDERS["espeak"](CONFIG) as voice:
        with pytest.raises(ProviderError, match="no voice"):
            await say(voice, sentence(ENGLISH, voice="nobody"))


async def test_the_tone_is_what_it_says() -> None:
    async with PROVIDERS["tone"](CONFIG) as voice:
        sounds = await say(voice, sentence("one two three " * 7))
    samples = np.frombuffer(pcm(sounds), dtype="<i2").astype(float)
    assert len(samples) == 21 * 0.2 * RATE
    assert np.fft.rfft(samples).__abs__().argmax() * RATE / len(samples) == pytest.approx(440)
    assert (
        np.abs(np.diff(samples)).max() < 0.3 * 32767 * 2 * np.pi * 440 / RATE * 1.01
    )  # no click between words
    times = [word.at for sound in sounds for word in sound.words]
    assert times == pytest.approx([0.2 * number for number in range(21)])


async def test_several_voices_are_tried_in_order() -> None:
    async with (
        open_voice(VoicesConfig(tts_providers=("espeak", "tone")), PatienceConfig()) as both,
        PROVIDERS["tone"](CONFIG) as tone,
    ):
        assert both.name == "espeak,tone"
        said = await say(both, sentence(ENGLISH))
        assert pcm(said) != pcm(await say(tone, sentence(ENGLISH)))
        assert seconds(said) == pytest.approx(
            seconds(await say(both, sentence(ENGLISH, voice="tone"))), rel=0.02
        )
        assert both.choose("", "ru") == "ru"
        assert both.choose("tone", "ru") == "tone"  # the second one knows it
        with pytest.raises(BadRequest, match="unknown voice"):
            both.choose("nobody", "en")


async def test_without_espeak_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from nexy.modules.audio_generation.providers import espeak

    espeak._library.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "espeakng_loader", None)
    with pytest.raises(ProviderError, match=r"nexy\[offline\]"):
        async with PROVIDERS["espeak"](CONFIG):
            pass
