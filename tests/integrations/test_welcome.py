"""A greeting, said aloud."""

import math
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from nexy.config import LimitsConfig, PatienceConfig
from nexy.errors import BadRequest, Closing, ProviderError, ProviderTimeout, Refused
from nexy.integrations.phrases import CANNOT, GREETING, in_language
from nexy.integrations.sayings import Sayings
from nexy.integrations.welcome import MOST_CHARS, Greeting, Welcome
from nexy.modules.audio_generation import FirstThatWorks, Voice
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.session_management import NOBODY
from nexy.nursery.session import Ended, Why
from nexy.types import HardwareId, Sound, Timing, Word
from tests.integrations.fakes import RATE, BrokenVoice, Polyglot, SilentVoice, SlowVoice, entrance


@pytest.fixture
def welcome(nursery: trio.Nursery) -> Welcome:
    return welcoming(nursery, Tone(RATE))


def welcoming(nursery: trio.Nursery, *voices: Voice, **limits: int) -> Welcome:
    guarded = FirstThatWorks(voices, PatienceConfig(voice_first_sound_seconds=5))
    return Welcome(entrance(nursery, LimitsConfig(**limits)), Sayings(guarded), 60)


@pytest.mark.parametrize("language", ["", "en-US", "ru-RU", "de", "xx"])
async def test_the_default_greeting(language: str, welcome: Welcome) -> None:
    greeting = await welcome.greet("", "", language)
    text, _ = in_language(GREETING, language)
    assert (greeting.method, greeting.rate) == ("tone", RATE)
    assert greeting.seconds == pytest.approx(0.2 * len(text.replace(" !", "!").split()), abs=0.5)


async def test_a_greeting_of_ones_own(welcome: Welcome) -> None:
    assert (await welcome.greet("Hello there friend.", "", "")).seconds == pytest.approx(0.6)


async def test_the_voice_that_spoke_is_named(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    """Not all that were asked."""
    welcome = welcoming(nursery, SilentVoice(), Tone(RATE))
    assert [(await welcome.greet("Hello.", "", "")).method for _ in range(2)] == ["tone", "tone"]
    half = Sound(bytes(RATE), RATE, (Word(0, 5, 0.0, 0.5),))
    broken = BrokenVoice(half, ProviderError("it broke off"))
    broken.name = "broken"
    greeting = await welcoming(nursery, broken, Tone(RATE)).greet("Hello there friend.", "", "")
    assert greeting.method == "broken,tone"


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [("Guten Tag, hier ist Nexy.", "", "de"), ("Guten Tag!", "en-GB", "en"), ("Nexy 3.0", "", "en")],
)
async def test_a_greeting_has_the_voice_that_was_asked_for_or_that_of_its_language(
    text: str, language: str, spoken: str, nursery: trio.Nursery
) -> None:
    voice = Polyglot()
    await welcoming(nursery, voice).greet(text, "", language)
    assert voice.languages == [spoken]


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


async def take(seconds: float, _: Greeting) -> None:
    """A client that takes a greeting in so many seconds."""
    await trio.sleep(seconds)


async def greet(
    welcome: Welcome,
    ended: list[Ended],
    *,
    takes: float = 0.0,
    text: str = "Hello.",
    within: float = math.inf,
    who: HardwareId = NOBODY,
) -> None:
    timing = Timing(trio.current_time(), trio.current_time() + within)
    async with welcome.turn((text, "", ""), partial(take, takes), timing, who) as end:
        ended.append(end)


async def test_a_welcome_is_delivered(welcome: Welcome) -> None:
    ended: list[Ended] = []
    await greet(welcome, ended)
    assert ended == [Ended(Why.DONE)]
    assert welcome.entrance.sessions.active == len(welcome.entrance.sessions) == 0


@pytest.mark.parametrize("limit", ["max_active_sessions", "max_requests_per_minute"])
async def test_a_welcome_counts(limit: str, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    welcome, ended = welcoming(nursery, Tone(RATE), **{limit: 2}), list[Ended]()
    for _ in range(2):
        nursery.start_soon(partial(greet, welcome, ended, takes=10.0))
    await trio.sleep(1)
    with pytest.raises(Refused):
        await greet(welcome, ended)
    await trio.sleep(60)
    await greet(welcome, ended)
    assert ended == [Ended(Why.DONE)] * 3


async def test_no_limit_of_one_user_holds_for_welcomes(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    welcome, ended = welcoming(nursery, Tone(RATE), max_requests_per_user=1), list[Ended]()
    async with trio.open_nursery() as clients:
        for _ in range(3):
            clients.start_soon(partial(greet, welcome, ended, takes=1.0))
    assert (ended, trio.current_time()) == ([Ended(Why.DONE)] * 3, 1)


async def test_who_shows_whose_device_it_is_has_the_limits_of_one_user(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    welcome, ended = welcoming(nursery, Tone(RATE), max_requests_per_user=1), list[Ended]()
    nursery.start_soon(partial(greet, welcome, ended, takes=1.0, who=HardwareId("anna")))
    await trio.sleep(0.5)
    with pytest.raises(Refused):
        await greet(welcome, ended, who=HardwareId("anna"))
    await greet(welcome, ended, who=HardwareId("ben"))
    await greet(welcome, ended)


async def test_a_drain_waits_for_a_welcome(
    welcome: Welcome, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    ended: list[Ended] = []
    nursery.start_soon(partial(greet, welcome, ended, takes=10.0))
    await trio.sleep(1)
    await welcome.entrance.sessions.drain()
    assert (ended, trio.current_time()) == ([Ended(Why.DONE)], 10)
    with pytest.raises(Closing):
        await greet(welcome, ended)


async def test_a_closing_server_ends_a_welcome(
    welcome: Welcome, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    ended: list[Ended] = []
    nursery.start_soon(partial(greet, welcome, ended, takes=10.0))
    await trio.sleep(1)
    await welcome.entrance.sessions.stop_all()
    assert (ended, trio.current_time()) == ([Ended(Why.CLOSING)], 1)


async def test_a_welcome_ends_when_it_takes_too_long(
    welcome: Welcome, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    ended: list[Ended] = []
    await greet(welcome, ended, takes=1000.0)
    assert (ended, trio.current_time()) == ([Ended(Why.TOO_LONG)], welcome.longest_seconds)
    await greet(welcome, ended, takes=1000.0, within=5.0)
    assert (ended[1:], trio.current_time()) == ([Ended(Why.DEADLINE)], welcome.longest_seconds + 5)
    patient = FirstThatWorks([SlowVoice(1000.0)], PatienceConfig(voice_first_sound_seconds=500))
    await greet(Welcome(welcome.entrance, Sayings(patient), 60), ended)
    assert ended[2:] == [Ended(Why.TOO_LONG)]


async def test_a_client_that_goes_ends_its_welcome(welcome: Welcome, autojump_clock: MockClock) -> None:
    with trio.move_on_after(5):
        await greet(welcome, [], takes=1000.0)
    assert (trio.current_time(), welcome.entrance.sessions.active) == (5, 0)


async def test_a_welcome_that_fails_tells_how(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    error, ended = ProviderError("broken"), list[Ended]()
    welcome = welcoming(nursery, BrokenVoice(error))
    await greet(welcome, ended)
    await greet(welcome, ended, text="---")
    assert ended[0] == Ended(Why.FAILED, error)
    assert welcome.entrance.sessions.active == 0
    await greet(welcoming(nursery, Tone(RATE)), ended, text="---")
    assert isinstance(ended[2].error, BadRequest)
