"""A greeting, said aloud."""

import pytest
import trio
from trio.testing import MockClock

from nexy.config import LimitsConfig, PatienceConfig
from nexy.errors import BadRequest, ProviderError, ProviderTimeout
from nexy.integrations.phrases import CANNOT, GREETING, in_language
from nexy.integrations.sayings import Sayings
from nexy.integrations.welcome import MOST_CHARS, Welcome
from nexy.modules.audio_generation import FirstThatWorks, Voice
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.session_management import Sessions
from nexy.types import Sound
from tests.integrations.fakes import RATE, BrokenVoice


@pytest.fixture
def welcome(nursery: trio.Nursery) -> Welcome:
    return welcoming(nursery, Tone(RATE))


def welcoming(nursery: trio.Nursery, voice: Voice, **limits: int) -> Welcome:
    guarded = FirstThatWorks([voice], PatienceConfig(voice_first_sound_seconds=5))
    return Welcome(Sessions(nursery, LimitsConfig(**limits), 900), Sayings(guarded), 60)


@pytest.mark.parametrize("language", ["", "en-US", "ru-RU", "de", "xx"])
async def test_the_default_greeting(language: str, welcome: Welcome) -> None:
    greeting = await welcome.greet("", "", language)
    text, _ = in_language(GREETING, language)
    assert (greeting.method, greeting.rate) == ("tone", RATE)
    assert greeting.seconds == pytest.approx(0.2 * len(text.replace(" !", "!").split()), abs=0.5)


async def test_a_greeting_of_ones_own(welcome: Welcome) -> None:
    assert (await welcome.greet("Hello there friend.", "", "")).seconds == pytest.approx(0.6)


async def test_what_cannot_be_greeted_with(welcome: Welcome) -> None:
    with pytest.raises(BadRequest, match="at most"):
        await welcome.greet("x" * (MOST_CHARS + 1), "", "")
    with pytest.raises(BadRequest, match="nothing"):
        await welcome.greet("---", "", "")
    with pytest.raises(BadRequest, match="voice"):
        await welcome.greet("Hello.", "nobody", "")


async def test_a_voice_that_is_silent_or_fails(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    for silent in (BrokenVoice(1000.0), BrokenVoice(Sound(b"\0\0", RATE), 1000.0)):
        with pytest.raises(ProviderTimeout):
            await welcoming(nursery, silent).greet("Hello.", "", "")
    with pytest.raises(ProviderError, match="broken"):
        await welcoming(nursery, BrokenVoice(ProviderError("broken"))).greet("Hello.", "", "")


@pytest.mark.parametrize(
    ("tag", "found"), [("ru-RU", "ru"), ("RU_ru", "ru"), ("en", "en"), ("", "en"), ("zz-ZZ", "en")]
)
def test_phrases_in_a_language(tag: str, found: str) -> None:
    assert in_language(CANNOT, tag) == (CANNOT[found], found)
