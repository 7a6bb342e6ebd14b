"""A greeting, said aloud."""

import pytest
from trio.testing import MockClock

from nexy.errors import BadRequest, ProviderError, ProviderTimeout
from nexy.integrations.phrases import APOLOGIES, GREETINGS, in_language
from nexy.integrations.welcome import MOST_CHARS, Welcome
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.types import Sound
from tests.integrations.fakes import RATE, BrokenVoice

welcome = Welcome(Tone(RATE), 5)


@pytest.mark.parametrize("language", ["", "en-US", "ru-RU", "de", "xx"])
async def test_the_default_greeting(language: str) -> None:
    greeting = await welcome.greet("", "", language)
    text, _ = in_language(GREETINGS, language)
    assert (greeting.method, greeting.rate) == ("tone", RATE)
    assert greeting.seconds == pytest.approx(0.2 * len(text.replace(" !", "!").split()), abs=0.5)


async def test_a_greeting_of_ones_own() -> None:
    assert (await welcome.greet("Hello there friend.", "", "")).seconds == pytest.approx(0.6)


async def test_what_cannot_be_greeted_with() -> None:
    with pytest.raises(BadRequest, match="at most"):
        await welcome.greet("x" * (MOST_CHARS + 1), "", "")
    with pytest.raises(BadRequest, match="nothing"):
        await welcome.greet("---", "", "")
    with pytest.raises(BadRequest, match="voice"):
        await welcome.greet("Hello.", "nobody", "")


async def test_a_voice_that_is_silent_or_fails(autojump_clock: MockClock) -> None:
    for silent in (BrokenVoice(1000.0), BrokenVoice(Sound(b"\0\0", RATE), 1000.0)):
        with pytest.raises(ProviderTimeout):
            await Welcome(silent, 5).greet("Hello.", "", "")
    with pytest.raises(ProviderError, match="broken"):
        await Welcome(BrokenVoice(ProviderError("broken")), 5).greet("Hello.", "", "")


@pytest.mark.parametrize(
    ("tag", "found"), [("ru-RU", "ru"), ("RU_ru", "ru"), ("en", "en"), ("", "en"), ("zz-ZZ", "en")]
)
def test_phrases_in_a_language(tag: str, found: str) -> None:
    assert in_language(APOLOGIES, tag) == (APOLOGIES[found], found)
