"""Edge's voices against a fake of the service, over real sockets.

The faults that users of edge-tts report have a test each, by the number of the report.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import edge_tts
import numpy as np
import pytest
import trio

from nexy.config import PatienceConfig, VoicesConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.audio_generation import FirstThatWorks, Voice
from nexy.modules.audio_generation.providers.edge import open_edge
from nexy.modules.audio_generation.providers.edge.line import AHEAD_BYTES
from nexy.nursery.border import open_asyncio
from nexy.types import Sentence, Sound, Word
from nexy.utils.breaker import LONGEST_REST_SECONDS
from tests.fakes.edge import FakeEdge, Script, open_fake_edge
from tests.fakes.edge_speech import words_of

TEXT = "Hello there, it's a fine day for a walk."
LONGER = TEXT + " We could go to the river and see the old boats."
SOON_SECONDS = 0.25  # to see that something is quick on a busy machine; the figures are in docs/providers.md


@dataclass
class Service:
    """The provider and the fake behind it."""

    fake: FakeEdge
    voice: Voice
    taken: Callable[[], int]  # how many connections are counted as open


@asynccontextmanager
async def open_service(script: Script | None = None, **settings: Any) -> AsyncIterator[Service]:
    async with open_asyncio(), open_fake_edge(script) as fake:
        config = VoicesConfig(edge_tts_url=settings.pop("edge_tts_url", fake.url), **settings)
        async with open_edge(config) as edge:
            yield Service(fake, edge, lambda: int(edge.connections.borrowed_tokens))
            assert await until(lambda: not fake.open), "a connection was left open"
            assert edge.connections.borrowed_tokens == 0


@pytest.fixture(name="service")
async def _service() -> AsyncIterator[Service]:
    async with open_service() as opened:
        yield opened


async def until(true: Callable[[], Any], seconds: float = 3.0) -> bool:
    with trio.move_on_after(seconds):
        while not true():  # noqa: ASYNC110 - what it waits for knows no events
            await trio.sleep(0.001)
        return True
    return False


def sentence(text: str, language: str = "en", voice: str = "") -> Sentence:
    return Sentence(text, text, language=language, voice=voice)


async def say(speaker: Voice, text: str, **how: str) -> list[Sound]:
    async with speaker.speak(sentence(text, **how)) as sounds:
        return [sound async for sound in sounds]


async def fails(voice: Voice, text: str = TEXT) -> tuple[ProviderError, list[Sound]]:
    """How it ends, and what came before."""
    came: list[Sound] = []
    with pytest.raises(ProviderError) as caught:
        async with voice.speak(sentence(text)) as sounds:
            async for sound in sounds:
                came.append(sound)  # noqa: PERF401 - what came before the error is wanted
    return caught.value, came


def seconds(sounds: list[Sound]) -> float:
    return sum(sound.seconds for sound in sounds)


def words(sounds: list[Sound]) -> list[Word]:
    return [word for sound in sounds for word in sound.words]


async def test_words_are_timed_as_they_sound(service: Service) -> None:
    sounds = await say(service.voice, TEXT)
    samples = np.frombuffer(b"".join(bytes(sound.pcm) for sound in sounds), dtype="<i2").astype(float)
    timed = words(sounds)
    assert [TEXT[word.start : word.end] for word in timed] == TEXT.split()
    for word, spoken in zip(timed, words_of(TEXT), strict=True):
        assert (word.at, word.until) == pytest.approx((spoken.at, spoken.at + spoken.seconds), abs=1e-6)
        inside = samples[round((word.at + 0.015) * 48_000) : round((word.until - 0.015) * 48_000)]
        before = samples[round((word.at - 0.04) * 48_000) : round((word.at - 0.015) * 48_000)]
        assert np.abs(inside).mean() > 4000  # the sine, and nothing but it
        assert np.abs(before).mean() < 400  # the pause in front of it


async def test_a_words_time_is_known_before_it_sounds(service: Service) -> None:
    came = 0.0
    for sound in await say(service.voice, LONGER):
        assert all(word.at >= came - 0.15 for word in sound.words)
        came += sound.seconds


async def test_the_first_sound_leaves_with_the_first_message() -> None:
    async with open_service(Script(pace=3600)) as service:
        with trio.fail_after(3):
            async with service.voice.speak(sentence(TEXT)) as sounds:
                sound = await sounds.receive()
    assert 0 < sound.seconds <= 0.12
    assert service.fake.connections[0].messages == 1


async def test_rate_volume_pitch_and_voice_are_those_of_the_configuration() -> None:
    how: dict[str, Any] = {
        "edge_tts_rate": "+10%",
        "edge_tts_volume": "-5%",
        "edge_tts_pitch": "+2Hz",
        "sample_rate": 16000,
    }
    async with open_service(edge_tts_voice="en-GB-RyanNeural", **how) as service:
        sounds = await say(service.voice, TEXT)
        await say(service.voice, "Привет", language="ru")
    english, russian = service.fake.connections
    assert {sound.rate for sound in sounds} == {16000}
    assert "(en-GB, RyanNeural)" in english.voice
    assert "(ru-RU, SvetlanaNeural)" in russian.voice
    assert english.prosody == "pitch='+2Hz' rate='+10%' volume='-5%'"
    assert '"wordBoundaryEnabled":"true"' in english.boundary
    assert {"TrustedClientToken", "Sec-MS-GEC", "ConnectionId"} <= set(english.query)


@pytest.mark.parametrize("text", ["", " \n", "...", "\x00\ud800", "—", "🙂"])
async def test_nothing_to_say_makes_no_connection(service: Service, text: str) -> None:
    assert await say(service.voice, text) == []
    assert service.fake.connections == []


async def test_a_text_of_several_parts_is_one_sound(service: Service) -> None:
    text = "<Nine & ten> are more than seven. " * 140
    sounds = await say(service.voice, text)
    timed = words(sounds)
    assert len(service.fake.connections) == 2
    assert service.fake.most_at_once == 1
    assert [text[word.start : word.end] for word in timed] == [w for w in text.split() if w != "&"]
    assert all(one.until <= other.at + 1e-9 for one, other in pairwise(timed))
    assert timed[-1].until == pytest.approx(seconds(sounds), abs=0.6)


async def test_the_library_is_given_back_as_it_was() -> None:
    library: Any = edge_tts.communicate
    before = library.WSS_URL, library._SSL_CTX, edge_tts.drm.DRM.clock_skew_seconds
    async with open_service() as service:
        assert service.fake.url in library.WSS_URL
        edge_tts.drm.DRM.clock_skew_seconds = 5.0
    assert (library.WSS_URL, library._SSL_CTX, edge_tts.drm.DRM.clock_skew_seconds) == before


LEAVING: dict[str, Script] = {
    "it speaks": Script(pace=0.02),
    "it is silent from the start": Script(silent_after=0),
    "it went silent": Script(silent_after=3),
    "it never answers the TLS handshake": Script(stalled=True),
    "it never answers the close frame": Script(ignore_close=True),
}


@pytest.mark.parametrize("how", ["end", "error", "cancelled", "cancelled waiting", "cancelled unseen"])
@pytest.mark.parametrize("script", LEAVING.values(), ids=LEAVING)
async def test_deepgram_570_and_sentry_4853_whoever_leaves_closes_the_socket(
    script: Script, how: str
) -> None:
    """Nothing of asyncio's is cancelled, which a library might swallow: the socket is shut."""
    begun = script.silent_after != 0 and not script.stalled
    left = 0.0

    async def leave(scope: trio.CancelScope) -> None:
        nonlocal left
        async with service.voice.speak(sentence(LONGER)) as sounds:
            if begun:
                await sounds.receive()
            assert await until(lambda: service.fake.open)
            left = trio.current_time()
            if how == "error":
                raise ZeroDivisionError
            if how != "end":
                scope.cancel()
            if how == "cancelled waiting":
                async for _ in sounds:
                    pass
            if how == "cancelled":
                await trio.sleep_forever()
            if how == "cancelled unseen":
                with trio.CancelScope(shield=True):
                    assert await until(lambda: not service.fake.open)

    async with open_service(script) as service:
        with trio.CancelScope() as scope:
            if how == "error":
                with pytest.raises(ZeroDivisionError):
                    await leave(scope)
            else:
                await leave(scope)
        assert trio.current_time() - left < SOON_SECONDS
        assert await until(lambda: not service.fake.open)
        assert service.fake.connections[-1].left - left < SOON_SECONDS


async def test_an_end_does_not_wait_for_the_service_to_close() -> None:
    async with open_service(Script(ignore_close=True)) as service:
        with trio.fail_after(3):  # the library alone would wait for ten seconds
            await say(service.voice, TEXT)


async def test_a_slow_listener_does_not_hold_the_connection(service: Service) -> None:
    async with service.voice.speak(sentence(LONGER)) as sounds:
        first = await sounds.receive()
        assert await until(lambda: not service.fake.open and not service.taken())
        rest = [sound async for sound in sounds]
    assert seconds([first, *rest]) > 5


async def test_what_is_received_ahead_is_limited(service: Service) -> None:
    text = "This sentence goes on and on and on. " * 30
    whole = seconds(await say(service.voice, text))
    async with service.voice.speak(sentence(text)) as sounds:
        first = await sounds.receive()
        assert await until(lambda: f"ahead={AHEAD_BYTES}" in repr(sounds))
        await trio.sleep(0.05)
        assert f"ahead={AHEAD_BYTES}" in repr(sounds)
        assert service.taken() == 1
        rest = [sound async for sound in sounds]
    assert seconds([first, *rest]) == pytest.approx(whole)
    async with service.voice.speak(sentence(text)) as sounds:  # and left while it is full
        await sounds.receive()
        assert await until(lambda: f"ahead={AHEAD_BYTES}" in repr(sounds))
        left = trio.current_time()
    assert trio.current_time() - left < SOON_SECONDS


async def test_edge_tts_190_silent_truncation_is_an_error() -> None:
    for script in (Script(drop_after=10), Script(close_after=10), Script(drop_after=1)):
        async with open_service(script) as service:
            error, came = await fails(service.voice)
        assert error.fault is Fault.DROPPED
        sent = 0.12 * service.fake.connections[0].messages
        assert seconds(came) == pytest.approx(sent, abs=0.06)  # what came was handed on


async def test_edge_tts_190_a_truncated_part_of_a_long_text_is_an_error(service: Service) -> None:
    service.fake.scripts.append(Script(drop_after=10))
    error, _ = await fails(service.voice, "Nine and ten are more than seven. " * 140)
    assert error.fault is Fault.DROPPED
    assert len(service.fake.connections) == 1


async def test_a_drop_behind_the_last_word_is_no_error() -> None:
    async with open_service(Script(no_end=True)) as service:
        assert words(await say(service.voice, TEXT))[-1].end == len(TEXT)


async def test_edge_tts_235_dropped_sound_is_an_error(service: Service) -> None:
    service.fake.script = Script(end_after=12, shift_ticks=20_000_000)
    error, _ = await fails(service.voice)  # the boundaries speak of two seconds more than there are
    assert error.fault is Fault.DROPPED


async def test_edge_tts_235_no_more_connections_than_allowed() -> None:
    async with open_service(Script(pace=0.001), edge_tts_max_connections=3) as service:
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(say, service.voice, "One two three.")
        assert service.fake.most_at_once == 3
        assert len(service.fake.connections) == 20


async def test_who_waits_is_served_in_the_order_of_coming() -> None:
    texts = [f"Number {number}." for number in range(8)]
    async with open_service(edge_tts_max_connections=1) as service, trio.open_nursery() as nursery:
        for number, text in enumerate(texts):
            nursery.start_soon(say, service.voice, text)
            if not number:
                assert await until(lambda: service.fake.open)
            await trio.testing.wait_all_tasks_blocked(0.0)
    assert [connection.text for connection in service.fake.connections] == texts


async def test_who_waits_for_a_connection_does_not_wait_for_the_service_yet() -> None:
    async with (
        open_service(Script(silent_after=0), edge_tts_max_connections=1) as service,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(say, service.voice, TEXT)
        assert await until(lambda: service.fake.open)
        with trio.move_on_after(0.05) as waiting:
            async with service.voice.speak(Sentence(TEXT, TEXT)):
                pytest.fail("there is no connection for it")
        assert waiting.cancelled_caught
        nursery.cancel_scope.cancel()


async def test_who_is_cancelled_leaves_the_queue() -> None:
    async with open_service(Script(silent_after=0), edge_tts_max_connections=1) as service:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(say, service.voice, TEXT)
            assert await until(lambda: service.fake.open)
            with trio.move_on_after(0.05) as waiting:
                await say(service.voice, TEXT)
            assert waiting.cancelled_caught
            assert service.fake.most_at_once == len(service.fake.connections) == 1
            nursery.cancel_scope.cancel()
        service.fake.script = Script()
        assert await say(service.voice, TEXT)


async def test_edge_tts_49_each_sentence_has_a_connection_of_its_own(service: Service) -> None:
    for _ in range(3):
        await say(service.voice, TEXT)
    assert len(service.fake.connections) == 3
    assert service.fake.most_at_once == 1
    assert len({connection.query["ConnectionId"][0] for connection in service.fake.connections}) == 3


@pytest.mark.parametrize(
    ("status", "fault"),
    [(429, Fault.BUSY), (500, Fault.BUSY), (503, Fault.BUSY), (401, Fault.REFUSED), (404, Fault.REFUSED)],
)
async def test_edge_tts_452_a_refused_handshake_says_what_it_is(status: int, fault: Fault) -> None:
    async with open_service(Script(refuse=status, headers=(("Retry-After", "7"),))) as service:
        error, came = await fails(service.voice)
        assert (error.fault, error.retry_after_seconds, came) == (fault, 7.0, [])
        assert str(status) in str(error)
        assert len(service.fake.connections) == 1  # one attempt


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_REST_SECONDS),
        ("9" * 400, None),
        ("-7", None),
        ("soon", None),
    ],
)
async def test_edge_tts_452_when_to_come_again_can_be_a_date_and_is_never_without_end(
    said: str, seconds: float | None
) -> None:
    async with open_service(Script(refuse=503, headers=(("Retry-After", said),))) as service:
        assert (await fails(service.voice))[0].retry_after_seconds == seconds


def date_in(hours: int) -> tuple[tuple[str, str], ...]:
    return (("Date", format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)),)


async def test_edge_tts_270_a_clock_that_is_wrong_is_corrected_once(service: Service) -> None:
    service.fake.scripts.append(Script(refuse=403, headers=date_in(3)))
    assert await say(service.voice, TEXT)
    assert edge_tts.drm.DRM.clock_skew_seconds == pytest.approx(3 * 3600, abs=5)
    assert len(service.fake.connections) == 2


@pytest.mark.parametrize(("headers", "connections"), [(date_in(3), 2), ((), 1), ((("Date", "today"),), 1)])
async def test_edge_tts_401_a_refusal_that_stays(headers: Any, connections: int) -> None:
    async with open_service(Script(refuse=403, headers=headers)) as service:
        error, _ = await fails(service.voice)
        assert error.fault is Fault.REFUSED
        assert len(service.fake.connections) == connections


async def test_edge_tts_474_no_sound_is_told_from_a_lost_connection(service: Service) -> None:
    service.fake.script = Script(mute=True)
    assert (await fails(service.voice))[0].fault is Fault.EMPTY
    service.fake.script = Script(drop_after=0)
    assert (await fails(service.voice))[0].fault is Fault.DROPPED


async def test_agents_js_1454_a_script_that_a_voice_cannot_say_is_no_outage_of_it(service: Service) -> None:
    service.fake.script = Script(mute=True)
    for _ in range(3):
        assert await say(service.voice, "བོད་སྐད།") == []
    assert len(service.fake.connections) == 3  # it was asked
    alone = FirstThatWorks([service.voice], PatienceConfig(circuit_breaker_threshold=1))
    assert await say(alone, "བོད་སྐད།") == []
    assert alone.states == {"edge": "closed"}


async def test_nobody_there_is_unreachable() -> None:
    with trio.socket.socket() as taken:
        await taken.bind(("127.0.0.1", 0))
        nobody = f"wss://127.0.0.1:{taken.getsockname()[1]}/edge/v1"
        async with open_service(edge_tts_url=nobody) as service:
            error, _ = await fails(service.voice)
    assert error.fault is Fault.UNREACHABLE


async def test_a_certificate_that_is_not_trusted_is_unreachable() -> None:
    async with open_asyncio(), open_fake_edge() as fake:
        url = fake.url
        async with open_fake_edge(), open_edge(VoicesConfig(edge_tts_url=url)) as voice:  # another CA
            error, _ = await fails(voice)
    assert error.fault is Fault.UNREACHABLE


@pytest.mark.parametrize("odd", ["path", "metadata", "headers", "short", "type", "json", "text frame"])
async def test_an_unexpected_message_is_malformed(odd: Any) -> None:
    async with open_service(Script(odd=odd)) as service:
        error, came = await fails(service.voice)
    assert error.fault is Fault.MALFORMED
    assert seconds(came) > 0


async def test_what_is_not_mp3_is_passed_over(service: Service) -> None:
    whole = seconds(await say(service.voice, TEXT))
    service.fake.script = Script(garbage=(5, 6))
    assert whole - 0.4 < seconds(await say(service.voice, TEXT)) < whole


async def test_nothing_but_garbage_is_malformed() -> None:
    async with open_service(Script(garbage=tuple(range(1000)))) as service:
        error, came = await fails(service.voice)
    assert (error.fault, came) == (Fault.MALFORMED, [])


async def test_words_that_are_named_otherwise_are_left_out() -> None:
    text = "It costs 3.5 dollars & a smile, I'd say."
    names = (("3.5", "three point five"), ("I'd", "i&apos;d"), ("say", "SAY"))
    async with open_service(Script(names=names)) as service:
        timed = words(await say(service.voice, text))
    assert [text[word.start : word.end] for word in timed] == [
        "It",
        "costs",
        "dollars",
        "a",
        "smile,",
        "I'd",
        "say.",
    ]


async def test_a_voice_of_another_provider_is_refused(service: Service) -> None:
    with pytest.raises(ProviderError) as caught:
        await say(service.voice, TEXT, voice="en-us nobody")
    assert caught.value.fault is Fault.REFUSED
    assert service.fake.connections == []


async def test_a_voice_that_is_none_is_told_at_the_opening() -> None:
    with pytest.raises(ProviderError, match="EDGE_TTS_VOICE"):
        async with open_edge(VoicesConfig(edge_tts_voice="somebody")):
            pass


async def test_a_bad_day_leaves_nothing_behind() -> None:
    ends: list[object] = []

    async def one() -> None:
        try:
            with trio.move_on_after(5):  # far more than 30 handshakes take, on a busy machine too
                ends.append(seconds(await say(service.voice, "One two three.")))
                return
            ends.append("silent")
        except ProviderError as error:
            ends.append(error.fault)

    async with (
        open_service(Script(fail=0.5), edge_tts_max_connections=50) as service,
        trio.open_nursery() as nursery,
    ):
        for _ in range(30):
            nursery.start_soon(one)
    assert len(ends) == 30
    assert {Fault.BUSY, Fault.DROPPED, Fault.EMPTY, "silent"} <= set(ends)
    whole = [end for end in ends if isinstance(end, float)]
    assert whole == pytest.approx([whole[0]] * len(whole))
    assert len(whole) > 5
