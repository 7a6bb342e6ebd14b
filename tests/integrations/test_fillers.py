"""What Nexy says by itself within an answer: that it takes a moment, and that there is more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import Fault, ProviderError
from nexy.integrations.phrases import DECLINED, MOMENT, MORE, SLOW
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.session_management import History
from nexy.nursery.session import Ended, Why
from nexy.types import Done, Exchange, Sentence, Sound, TextChunk
from tests.integrations.fakes import (
    RATE,
    Client,
    Model,
    Script,
    SlowVoice,
    Step,
    answer,
    ask,
    cast,
    conversation,
)


async def test_a_slow_model_makes_a_filler(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(Model(5.0, "Here it is."), filler_seconds=2)).run()
    assert client.at(0) == (TextChunk, 2.0)
    assert client.texts == [MOMENT["en"] + " ", "Here it is."]
    assert [at for at, reply in client.replies if reply == TextChunk("Here it is.")] == [5.0]
    assert client.seconds == pytest.approx(0.2 * 5)


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("Расскажи сказку.", "ru"),
        ("Розкажи казку.", "uk"),
        ("Erzähl mir ein Märchen.", "de"),
        ("Raconte-moi une histoire.", "fr"),
        ("Cuéntame un cuento.", "es"),
        ("Raccontami una storia.", "it"),
        ("Conta-me uma história.", "pt"),
        ("Opowiedz mi bajkę.", "pl"),
        ("Fortæl mig et eventyr.", "en"),  # it has no words of her own in Danish
    ],
)
async def test_in_the_language_of_the_prompt(prompt: str, language: str, autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(Model(5.0, "…", "42."), filler_seconds=2), prompt=prompt).run()
    assert client.texts[0] == MOMENT[language] + " "


@pytest.mark.parametrize("seconds", [0, 3])
async def test_a_model_that_is_quick_enough_makes_none(seconds: float, autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(Model(2.0, "Here it is."), filler_seconds=seconds)).run()
    assert client.texts == ["Here it is."]
    assert trio.current_time() == 2


async def test_the_fillers_sound_is_made_once(autojump_clock: MockClock) -> None:
    voice = SlowVoice(0.5)
    who = cast(Model(5.0, "---"), voice, filler_seconds=2)
    for _ in range(3):
        client = Client()
        await answer(client, History(), who).run()
        assert client.seconds == pytest.approx(0.4)
    assert len(voice.began) == 1


async def test_a_model_that_fails_while_the_filler_is_made(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(Model(2.2, ProviderError("down", Fault.REFUSED)), SlowVoice(0.5), filler_seconds=2)
    with pytest.raises(ProviderError, match="down"):
        await answer(client, History(), who).run()
    assert client.replies == []


class StallsAtFirst(Tone):
    """Stalls in the first sentence that it is asked for, after some sound of it or before any."""

    name = "stalls"

    def __init__(self, *steps: Step[Sound]) -> None:
        super().__init__(RATE)
        self._steps = steps
        self.asked: list[str] = []

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.asked.append(sentence.spoken)
        sounds = list(self._sounds(sentence.spoken))
        yield Script(sounds if len(self.asked) > 1 else self._steps)


@pytest.mark.parametrize("steps", [[1000.0], [Sound(b"\0\0", RATE), 1000.0]])
async def test_a_filler_whose_sound_stalls_is_given_up_when_the_model_begins(
    steps: list[Step[Sound]], autojump_clock: MockClock
) -> None:
    client, voice = Client(), StallsAtFirst(*steps)
    await answer(client, History(), cast(Model(3.0, "Here it is."), voice, filler_seconds=2)).run()
    assert client.texts == ["Here it is."]
    assert voice.asked == [MOMENT["en"], "Here it is."]
    assert {at for at, _ in client.replies} == {3.0}
    assert trio.current_time() == 3


async def test_a_filler_that_the_second_voice_has_to_say(autojump_clock: MockClock) -> None:
    client, first = Client(), StallsAtFirst(ProviderError("no", Fault.REFUSED))
    await answer(client, History(), cast(Model(5.0, "Here."), first, Tone(RATE), filler_seconds=2)).run()
    assert client.texts == [MOMENT["en"] + " ", "Here."]
    assert {at for at, _ in client.replies} == {2.0, 5.0}
    assert first.asked == [MOMENT["en"], "Here."]  # it is not asked twice for one filler


async def test_a_filler_that_no_voice_can_say_is_not_said(autojump_clock: MockClock) -> None:
    client, voice = Client(), StallsAtFirst(ProviderError("no", Fault.REFUSED))
    await answer(client, History(), cast(Model(5.0, "Here."), voice, filler_seconds=2)).run()
    assert client.texts == ["Here."]
    assert isinstance(client.replies[-1][1], Done)


async def test_a_model_that_stays_silent_after_it(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client, ended = Client(), list[Ended]()
    who = cast(Model(1000.0), filler_seconds=2, model_first_word_seconds=8)
    await ask(conversation(nursery, who), ended, client=client)
    assert client.texts == [MOMENT["en"] + " ", " " + SLOW["en"]]
    assert (ended[0].why, trio.current_time()) == (Why.FAILED, 8)


async def test_an_answer_that_was_cut_at_its_limit_says_that_there_is_more(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    cut = ProviderError("the most tokens", Fault.CUT)
    await answer(client, history, cast(Model("One two. Three", cut))).run()
    assert client.texts == ["One two.", " Three", " " + MORE["en"]]
    assert isinstance(client.replies[-1][1], Done)
    assert [exchange.complete for exchange in history] == [True]


@pytest.mark.parametrize(
    ("model_seconds", "stopped", "heard"),
    [
        (5.0, 2.3, ""),
        (5.0, 5.1, ""),
        (5.0, 5.7, "One two three"),
        (2.1, 2.5, ""),
        (2.1, 2.9, "One two"),  # the filler was played until 2.4
        (2.1, 9.0, "One two three four."),
    ],
)
async def test_a_filler_is_heard_but_is_no_part_of_the_answer(
    model_seconds: float, stopped: float, heard: str, autojump_clock: MockClock
) -> None:
    history = History()
    with trio.move_on_at(stopped):
        model = Model(model_seconds, "One two three four.", 10.0)
        await answer(Client(), history, cast(model, filler_seconds=2)).run()
    assert [exchange.heard for exchange in history] == [heard]


async def test_a_filler_in_a_complete_answer_is_not_remembered(autojump_clock: MockClock) -> None:
    history = History()
    await answer(Client(), history, cast(Model(5.0, "One two. ", "Three."), filler_seconds=2)).run()
    assert list(history) == [Exchange("Tell me a story.", "One two. Three.", complete=True)]


@pytest.mark.parametrize(
    ("after", "heard"),
    [(0.3, "One"), (0.7, "One two. Three"), (1.5, "One two. Three"), (9.0, "One two. Three")],
)
async def test_that_there_is_more_is_no_part_of_the_answer(
    after: float, heard: str, autojump_clock: MockClock
) -> None:
    history = History()
    cut = ProviderError("the most tokens", Fault.CUT)
    await answer(Client(), history, cast(Model("One two. Three", cut))).run()
    assert [exchange.heard for exchange in history] == ["One two. Three"]
    await trio.sleep(after)
    history.cut_off(trio.current_time())
    assert [exchange.heard for exchange in history] == [heard]


async def test_what_the_model_declines_is_said_so(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client, ended = Client(), list[Ended]()
    blocked = ProviderError("safety", Fault.BLOCKED)
    await ask(conversation(nursery, cast(Model(blocked))), ended, client=client)
    assert client.texts == [DECLINED["en"]]
    assert ended == [Ended(Why.FAILED, blocked)]
