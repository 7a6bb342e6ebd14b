"""Answers that go wrong: what came before is not lost."""

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import Fault, ProviderError, ProviderTimeout
from nexy.modules.session_management import History
from nexy.modules.text_processing import Usage
from nexy.types import Exchange, Sound, TextChunk
from tests.integrations.fakes import RATE, BrokenVoice, Client, Model, answer, cast

PROMPT = "Tell me a story."


async def test_when_the_model_is_silent_nothing_is_sent(autojump_clock: MockClock) -> None:
    client, history, model = Client(), History(), Model(1000.0, "Too late.")
    with pytest.raises(ProviderTimeout):
        await answer(client, history, cast(model, model_first_word_seconds=8)).run()
    assert client.replies == []
    assert trio.current_time() == 8
    assert list(history) == [Exchange(PROMPT, "", complete=False)]
    assert model.left == 1


async def test_when_the_model_pauses_for_too_long_what_it_said_is_sent(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    who = cast(Model("Hello there. ", "And", 1000.0), model_idle_seconds=10)
    with pytest.raises(ProviderTimeout):
        await answer(client, history, who).run()
    assert "".join(client.texts) == "Hello there. And"
    assert [at for at, reply in client.replies if reply == TextChunk(" And")] == [10.0]
    assert [exchange.complete for exchange in history] == [False]


async def test_a_slow_client_is_not_a_silent_model(autojump_clock: MockClock) -> None:
    client = Client(seconds=20.0)
    await answer(client, History(), cast(Model(*["Hello. "] * 20)), paced=False).run()
    assert len(client.texts) == 20


async def test_what_the_model_said_before_it_failed_is_delivered(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    error = ProviderError("quota")
    with pytest.raises(ProviderError) as raised:
        await answer(client, history, cast(Model("One two. ", "Three ", 1.0, error))).run()
    assert raised.value is error
    assert "".join(client.texts).strip() == "One two. Three"
    first = client.replies.index((0.0, TextChunk("One two.")))
    assert first == 0
    assert client.seconds == pytest.approx(0.6)
    assert len(list(history)) == 1
    assert not next(iter(history)).complete


async def test_an_empty_answer_is_a_failure(autojump_clock: MockClock) -> None:
    for model in (Model(), Model(Usage(1, 0, "m")), Model(" ", "\n")):
        client, history = Client(), History()
        with pytest.raises(ProviderError) as raised:
            await answer(client, history, cast(model)).run()
        assert raised.value.fault is Fault.EMPTY
        assert client.replies == []
        assert list(history) == [Exchange(PROMPT, "", complete=False)]


async def test_when_the_voice_fails_the_text_is_sent(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    error = ProviderError("no voice")
    model = Model("One. ", "Two. ", 1000.0)
    with pytest.raises(ProviderError) as raised:
        await answer(client, history, cast(model, BrokenVoice(error), model_idle_seconds=2000)).run()
    assert raised.value is error
    assert client.texts == ["One."]
    assert client.sounds == []
    assert trio.current_time() == 0  # it does not wait for a model that nobody will hear
    assert list(history) == [Exchange(PROMPT, "", complete=False)]


async def test_when_the_voice_is_silent_it_is_not_waited_for(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(Model("One. "), BrokenVoice(1000.0), voice_first_sound_seconds=5)
    with pytest.raises(ProviderTimeout):
        await answer(client, History(), who).run()
    assert client.texts == ["One."]
    assert trio.current_time() == 5.0


async def test_when_the_voice_stops_in_a_sentence_its_sound_is_delivered(autojump_clock: MockClock) -> None:
    client = Client()
    voice = BrokenVoice(Sound(bytes(2 * RATE), RATE), ProviderError("gone"))
    with pytest.raises(ProviderError, match="gone"):
        await answer(client, History(), cast(Model("One. "), voice)).run()
    assert client.texts == ["One."]
    assert client.seconds == pytest.approx(1)


async def test_a_bug_in_a_model_is_not_hidden(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    with pytest.raises(ExceptionGroup) as raised:
        await answer(client, history, cast(Model("One. ", ZeroDivisionError("bug")))).run()
    assert raised.group_contains(ZeroDivisionError)
    assert len(list(history)) == 1


async def test_a_client_that_breaks_off_ends_the_answer(autojump_clock: MockClock) -> None:
    class Broken(Client):
        async def reply(self, reply: object) -> None:
            raise trio.BrokenResourceError

    history = History()
    with pytest.raises(ExceptionGroup) as raised:
        await answer(Broken(), history, cast(Model("One. ", 1000.0))).run()
    assert raised.group_contains(trio.BrokenResourceError)
    assert list(history) == [Exchange(PROMPT, "", complete=False)]
