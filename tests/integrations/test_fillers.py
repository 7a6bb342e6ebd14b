"""What Nexy says by itself within an answer: that it takes a moment, and that there is more."""

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import Fault, ProviderError
from nexy.integrations.phrases import DECLINED, MOMENT, MORE
from nexy.modules.session_management import History
from nexy.nursery.session import Ended, Why
from nexy.types import Done, Exchange, TextChunk
from tests.integrations.fakes import BrokenVoice, Client, Model, SlowVoice, answer, ask, cast, conversation


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


async def test_a_voice_that_fails_over_the_filler(autojump_clock: MockClock) -> None:
    client = Client()
    broken = BrokenVoice(ProviderError("no voice", Fault.REFUSED))
    with pytest.raises(ProviderError, match="no voice"):
        await answer(client, History(), cast(Model(5.0, "Here."), broken, filler_seconds=2)).run()
    assert client.texts == [MOMENT["en"] + " "]
    assert trio.current_time() == 2


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
