"""What a user who only listens hears when an answer fails, is cut off or is not begun."""

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from nexy.errors import Closing, Fault, Limit, NexyError, ProviderError, Refused, TooLarge
from nexy.integrations import phrases
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.phrases import Phrases
from nexy.integrations.regrets import ENDED_VOICE_SECONDS, REFUSED_AT_ONCE, REFUSED_VOICE_SECONDS
from nexy.modules.audio_generation.providers.tone import WORD_SECONDS
from nexy.modules.text_processing import Piece
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from nexy.nursery.session import LAST_WORDS_SECONDS, Ended, Why
from nexy.types import Exchange, Reply, Sound, TextChunk, Utterance
from tests.integrations.fakes import (
    ANNA,
    ONE,
    RATE,
    BrokenVoice,
    Client,
    Model,
    SlowVoice,
    Step,
    ask,
    cast,
    conversation,
)

PROMPTS = {
    "en": "Tell me a story.",
    "ru": "Расскажи мне сказку.",
    "uk": "Розкажи мені казку.",
    "de": "Erzähl mir ein Märchen.",
}
QUOTA = ProviderError("quota", Fault.QUOTA)

languages = pytest.mark.parametrize("language", PROMPTS)


def said(language: str = "en") -> Utterance:
    return Utterance(ANNA, ONE, PROMPTS[language])


async def failing(
    nursery: trio.Nursery, who: Cast, language: str = "en", client: Client | None = None
) -> tuple[Client, Ended, list[Exchange]]:
    """One turn: what its client had, how it ended, and what is remembered of it."""
    talk, ended, client = conversation(nursery, who), list[Ended](), client or Client()
    await ask(talk, ended, said(language), client=client)
    return client, ended[0], await remembered(talk)


async def remembered(talk: Conversation) -> list[Exchange]:
    return list((await talk.sessions.open(ANNA, ONE)).notes.history)


def spoken_seconds(text: str) -> float:
    return WORD_SECONDS * len(text.split())


def pitches(pcm: bytes) -> list[float]:
    """The loudest frequency of each half, Hz."""
    samples = np.frombuffer(pcm, dtype="<i2")
    halves = samples[: len(samples) // 2], samples[len(samples) // 2 :]
    return [float(np.argmax(np.abs(np.fft.rfft(half))) * RATE / len(half)) for half in halves]


def heard(client: Client) -> bytes:
    return b"".join(bytes(chunk.pcm) for _, chunk in client.sounds)


def assert_two_falling_tones(pcm: bytes) -> None:
    assert len(pcm) == 2 * round(0.4 * RATE)
    assert pitches(pcm) == pytest.approx([660, 440], abs=5)


@languages
async def test_a_silent_model(language: str, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client, ended, history = await failing(nursery, cast(Model(1000.0), model_first_word_seconds=8), language)
    assert ended.why is Why.FAILED
    assert client.texts == [phrases.CANNOT[language]]
    assert client.seconds == pytest.approx(spoken_seconds(phrases.CANNOT[language]))
    assert client.at(0) == (TextChunk, 8.0)
    assert client.at(-1)[1] == 8.0
    assert history == [Exchange(PROMPTS[language], "", complete=False)]


async def test_an_apology_is_in_the_language_that_the_user_spoke_before(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model(QUOTA)))
    await ask(talk, [], said("de"))
    client = Client()
    await ask(talk, [], Utterance(ANNA, ONE, "42?"), client=client)
    assert client.texts == [phrases.CANNOT["de"]]


@languages
@pytest.mark.parametrize("error", [QUOTA, ZeroDivisionError("bug")])
async def test_a_model_that_fails_before_its_first_word(
    error: Exception, language: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client, ended, history = await failing(nursery, cast(Model(error)), language)
    assert ended == Ended(Why.FAILED, error)
    assert client.texts == [phrases.CANNOT[language]]
    assert client.seconds == pytest.approx(spoken_seconds(phrases.CANNOT[language]))
    assert history == [Exchange(PROMPTS[language], "", complete=False)]


@languages
@pytest.mark.parametrize(
    ("steps", "regret"),
    [
        ([QUOTA], phrases.CANNOT),
        ([ZeroDivisionError("bug")], phrases.CANNOT),
        ([1000.0], phrases.SLOW),
    ],
    ids=["quota", "bug", "silence"],
)
async def test_a_model_that_fails_after_some_words(
    steps: list[Step[Piece]],
    regret: Phrases,
    language: str,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
) -> None:
    client, ended, history = await failing(
        nursery, cast(Model("One two. ", "Three", 1.0, *steps), model_idle_seconds=10), language
    )
    assert ended.why is Why.FAILED
    assert client.texts[0] == "One two."
    assert client.texts[-1] == f" {regret[language]}"  # joined to the answer, it is a sentence of its own
    answered = "".join(client.texts[:-1])
    assert client.seconds == pytest.approx(spoken_seconds(answered) + spoken_seconds(regret[language]))
    assert [exchange.heard for exchange in history] == [answered]


@languages
async def test_a_voice_that_fails(language: str, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    voice = BrokenVoice(ProviderError("no voice"))
    client, ended, history = await failing(nursery, cast(Model("One two. "), voice), language)
    assert ended.why is Why.FAILED
    assert client.texts == ["One two.", f" {phrases.CANNOT[language]}"]
    assert_two_falling_tones(heard(client))
    assert history == [Exchange(PROMPTS[language], "", complete=False)]


async def test_a_voice_that_fails_in_its_apology_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    voice = BrokenVoice(Sound(bytes(2 * RATE), RATE), ProviderError("no voice"))
    client, _, _ = await failing(nursery, cast(Model("One two. "), voice))
    assert_two_falling_tones(heard(client)[2 * RATE :])


@pytest.mark.parametrize("voice", [BrokenVoice(), BrokenVoice(1000.0)])
async def test_a_voice_without_sound(
    voice: BrokenVoice, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client, _, _ = await failing(nursery, cast(Model(QUOTA), voice))
    assert client.texts == [phrases.CANNOT["en"]]
    assert_two_falling_tones(heard(client))


async def test_a_slow_voice_keeps_the_apology_back_for_half_of_its_time(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client, _, _ = await failing(nursery, cast(Model(QUOTA), SlowVoice(100.0)))
    assert client.at(0) == (TextChunk, 0.0)
    assert [at for at, _ in client.sounds] == [ENDED_VOICE_SECONDS]
    assert ENDED_VOICE_SECONDS <= LAST_WORDS_SECONDS / 2
    assert_two_falling_tones(heard(client))
    client, _, _ = await failing(nursery, cast(Model(QUOTA), SlowVoice(1.0)))
    assert client.seconds == pytest.approx(spoken_seconds(phrases.CANNOT["en"]))


@languages
@pytest.mark.parametrize("begun", [True, False])
async def test_a_turn_that_takes_too_long(
    begun: bool, language: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = ScriptedModel(100, 0.0) if begun else Model(1000.0)
    who = cast(model, turn_seconds=20, model_first_word_seconds=500)
    client, ended, history = await failing(nursery, who, language)
    assert ended == Ended(Why.TOO_LONG)
    assert trio.current_time() == 20
    assert client.texts[-1] == " " * begun + phrases.SLOW[language]
    assert len(history) == 1
    assert phrases.SLOW[language] not in history[0].heard


@languages
@pytest.mark.parametrize("begun", [True, False])
async def test_a_server_that_closes(
    begun: bool, language: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = ScriptedModel(100, 0.0) if begun else Model(1000.0)
    talk, ended, client = conversation(nursery, cast(model)), list[Ended](), Client()
    nursery.start_soon(ask, talk, ended, said(language), float("inf"), client)
    await trio.sleep(5)
    history = (await talk.sessions.open(ANNA, ONE)).notes.history
    await talk.sessions.stop_all()
    assert (ended, trio.current_time()) == ([Ended(Why.CLOSING)], 5)
    assert client.texts[-1] == " " * begun + phrases.CLOSING[language]
    assert client.at(-1)[1] == 5
    assert [phrases.CLOSING[language] in exchange.heard for exchange in history] == [False]


@languages
@pytest.mark.parametrize(
    ("error", "regret"),
    [
        (Refused("full", Limit.ACTIVE), phrases.BUSY),
        (Closing("closing"), phrases.CLOSING),
        (TooLarge("large"), phrases.TOO_LARGE),
    ],
)
async def test_a_request_that_is_not_let_in(
    error: NexyError, regret: Phrases, language: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client()
    await conversation(nursery, cast(Model())).say_refused(error, PROMPTS[language], client.reply)
    assert client.texts == [regret[language]]
    assert client.seconds == pytest.approx(spoken_seconds(regret[language]))


async def test_in_a_rush_some_are_told_in_words_and_the_others_in_tones(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, full = conversation(nursery, cast(Model())), Refused("full", Limit.ACTIVE)
    clients = [Client() for _ in range(REFUSED_AT_ONCE + 20)]
    for client in clients:
        await talk.say_refused(full, PROMPTS["en"], client.reply)
        assert client.texts == [phrases.BUSY["en"]]
    for client in clients[REFUSED_AT_ONCE:]:
        assert_two_falling_tones(heard(client))
    in_words = spoken_seconds(phrases.BUSY["en"])
    assert [client.seconds for client in clients[:REFUSED_AT_ONCE]] == [
        pytest.approx(in_words)
    ] * REFUSED_AT_ONCE
    await trio.sleep(1)
    later = Client()
    await talk.say_refused(full, PROMPTS["en"], later.reply)
    assert later.seconds == pytest.approx(in_words)


async def test_a_slow_voice_does_not_keep_a_refusal_back(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client, talk = Client(), conversation(nursery, cast(Model(), SlowVoice(100.0)))
    await talk.say_refused(Refused("full", Limit.ACTIVE), PROMPTS["en"], client.reply)
    assert trio.current_time() == REFUSED_VOICE_SECONDS
    assert client.at(0) == (TextChunk, 0.0)
    assert_two_falling_tones(heard(client))


async def test_a_model_is_not_told_of_apologies(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    model = Model("One two. ", QUOTA)
    talk = conversation(nursery, cast(model))
    for _ in range(3):
        await ask(talk, [])
        await trio.sleep(20)
    told = Exchange(PROMPTS["en"], "One two.", complete=False)
    assert [prompt.history for prompt in model.prompts] == [(), (told,), (told, told)]


async def test_an_interrupt_stops_the_apology_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, client = conversation(nursery, cast(Model(QUOTA))), list[Ended](), Client(0.5)
    nursery.start_soon(ask, talk, ended, said(), float("inf"), client)
    await trio.sleep(1.2)
    had = len(client.replies)
    assert had == 2  # its text and the first of three slices of its sound
    assert await talk.sessions.stop(ANNA) == [ONE]
    assert (trio.current_time(), [end.why for end in ended]) == (1.2, [Why.INTERRUPTED])
    await trio.sleep(5)
    assert len(client.replies) == had


async def test_a_newer_utterance_stops_the_apology_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended, client = Model(QUOTA), list[Ended](), Client(0.5)
    talk = conversation(nursery, cast(model))
    nursery.start_soon(ask, talk, ended, said(), float("inf"), client)
    await trio.sleep(1.2)
    nursery.start_soon(ask, talk, ended)
    await trio.testing.wait_all_tasks_blocked()
    await trio.sleep(0.01)
    assert len(ended) == 2
    assert len(model.prompts) == 2
    assert len(client.replies) == 2


@pytest.mark.parametrize("why", [Why.INTERRUPTED, Why.GONE])
async def test_a_user_who_stopped_the_answer_hears_no_apology(
    why: Why, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, client = conversation(nursery, cast(ScriptedModel(100, 0.0))), list[Ended](), Client()
    with trio.CancelScope() as call:
        async with trio.open_nursery() as caller:
            caller.start_soon(ask, talk, ended, said(), float("inf"), client)
            await trio.sleep(5)
            had = len(client.replies)
            if why is Why.GONE:
                call.cancel()
            else:
                await talk.sessions.stop(ANNA)
    assert len(client.replies) == had
    assert all(end.why is why for end in ended)


async def test_a_deadline_that_passes_is_not_apologised_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, client = conversation(nursery, cast(Model(1000.0))), list[Ended](), Client()
    await ask(talk, ended, said(), deadline=5, client=client)
    assert (ended, client.replies, trio.current_time()) == ([Ended(Why.DEADLINE)], [], 5)


async def test_a_client_that_is_deaf_holds_no_turn(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client, ended, _ = await failing(nursery, cast(Model(QUOTA)), client=Client(1000.0))
    assert (ended, client.replies) == (Ended(Why.FAILED, QUOTA), [])
    assert trio.current_time() == LAST_WORDS_SECONDS
    _, ended, _ = await failing(nursery, cast(Model("One two. "), turn_seconds=20), client=Client(1000.0))
    assert ended == Ended(Why.TOO_LONG)
    assert trio.current_time() == 20 + 2 * LAST_WORDS_SECONDS


async def test_a_client_that_is_gone_holds_no_turn(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    class Gone(Client):
        async def reply(self, reply: Reply) -> None:
            raise trio.BrokenResourceError

    _, ended, history = await failing(nursery, cast(Model(QUOTA)), client=Gone())
    assert (ended, trio.current_time(), len(history)) == (Ended(Why.FAILED, QUOTA), 0, 1)
