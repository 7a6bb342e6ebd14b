"""What the model is told of earlier turns is bounded, and what was heard of them; ids are checked."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import BadRequest, ProviderError
from nexy.modules.audio_generation import Playback
from nexy.modules.session_management import History, check_hardware_id, check_session_id
from nexy.modules.session_management.history import MOST_CHARS, MOST_EXCHANGES
from nexy.nursery.session import Ended, Why
from nexy.types import Exchange, SessionId
from tests.integrations.fakes import ANNA, ONE, SAID, Client, Model, ask, cast, conversation
from tests.modules.audio_generation.test_playback import sentence, words_of


def test_the_newest_exchanges_stay_in_their_order() -> None:
    history = History()
    for number in range(MOST_EXCHANGES + 5):
        history.add(Exchange(f"prompt {number}", "answer"))
    prompts = [exchange.prompt for exchange in history]
    assert prompts == [f"prompt {number}" for number in range(5, MOST_EXCHANGES + 5)]


def test_as_many_stay_as_have_so_many_characters() -> None:
    history = History()
    for number in range(5):
        history.add(Exchange(str(number), "x" * (MOST_CHARS // 4 - 1)))
    assert [exchange.prompt for exchange in history] == ["1", "2", "3", "4"]
    history.add(Exchange("5", ""))
    assert [exchange.prompt for exchange in history] == ["2", "3", "4", "5"]


def test_the_newest_stays_however_long_it_is() -> None:
    history = History()
    history.add(Exchange("old", "answer"))
    history.add(Exchange("new", "x" * (MOST_CHARS + 1)))
    assert [exchange.prompt for exchange in history] == ["new"]


def test_nothing_said_shows() -> None:
    history = History()
    history.add(Exchange("secret", "answer"))
    assert "secret" not in repr(history) + repr(list(history))


def word_a_second(text: str) -> Playback:
    """The playing of `text`, all sent in second 10."""
    playback = Playback()
    playback.begin(sentence(text))
    playback.learn(words_of(text, 1.0))
    playback.sent(float(len(text.split())), 10.0)
    playback.finish()
    return playback


ANSWER = "one two three four"
WHOLE = Exchange("prompt", ANSWER)


def playing() -> History:
    history = History()
    history.add(Exchange("before", "answer"))
    history.add(WHOLE, word_a_second(ANSWER))
    return history


@pytest.mark.parametrize(
    ("now", "heard"), [(9.0, ""), (10.0, ""), (12.5, "one two"), (13.9, "one two three")]
)
def test_what_is_not_played_when_the_user_speaks_is_not_heard(now: float, heard: str) -> None:
    history = playing()
    history.cut_off(now)
    assert list(history) == [Exchange("before", "answer"), Exchange("prompt", heard, complete=False)]


@pytest.mark.parametrize("now", [14.0, 100.0])
def test_what_is_all_played_was_heard(now: float) -> None:
    history = playing()
    history.cut_off(now)
    assert list(history) == [Exchange("before", "answer"), WHOLE]


def test_what_was_cut_off_is_cut_off_once() -> None:
    history = playing()
    history.cut_off(12.5)
    for now in (11.0, 13.5, 100.0):
        history.cut_off(now)
    assert list(history)[1:] == [Exchange("prompt", "one two", complete=False)]
    history = playing()
    history.cut_off(14.0)
    history.cut_off(11.0)
    assert list(history)[1:] == [WHOLE]


@pytest.mark.parametrize(
    ("now", "told", "heard"),
    [
        (10.5, 2.0, "one two"),  # its player began earlier than the clock believes
        (13.9, 1.999, "one"),
        (14.0, 3.0, "one two three"),  # or later
        (14.0, 3.999, "one two three"),
        (23.9, 0.0, ""),
    ],
)
def test_what_the_client_has_played_it_knows_better(now: float, told: float, heard: str) -> None:
    history = playing()
    history.cut_off(now, told)
    assert list(history)[1:] == [Exchange("prompt", heard, complete=False)]


@pytest.mark.parametrize(("now", "told"), [(11.0, 4.0), (11.0, 3.9995), (11.0, 1e9), (24.0, 0.0)])
def test_all_of_it_was_played_or_it_cannot_be_meant(now: float, told: float) -> None:
    history = playing()
    history.cut_off(now, told)
    assert list(history)[1:] == [WHOLE]


def test_an_answer_that_is_being_given_is_heard_no_further() -> None:
    history, running = playing(), word_a_second("five six seven")
    history.begin(running, 12.0)
    assert list(history)[1:] == [Exchange("prompt", "one two", complete=False)]
    history.cut_off(11.0, 2.0)
    assert running.heard(99.0) == "five six"
    history.cut_off(12.5)  # the first word about it counts
    assert running.heard(99.0) == "five six"


def test_only_the_newest_can_still_be_playing() -> None:
    history, newer = playing(), Exchange("newer", "answer")
    history.add(newer)
    history.cut_off(11.0)
    assert list(history)[1:] == [WHOLE, newer]
    history = playing()
    history.add(WHOLE, word_a_second(ANSWER))
    history.cut_off(11.0)
    assert list(history)[1:] == [WHOLE, Exchange("prompt", "one", complete=False)]


def test_an_empty_history_is_not_cut_off() -> None:
    history = History()
    history.cut_off(11.0)
    assert list(history) == []


def test_what_was_cut_off_makes_room() -> None:
    history, answer = History(), "word " * (MOST_CHARS // 5 - 1)
    history.add(Exchange("1", ""))
    history.add(Exchange("2", answer), word_a_second(answer))
    history.cut_off(11.0)
    history.add(Exchange("3", "x" * (MOST_CHARS - 10)))
    assert [exchange.prompt for exchange in history] == ["1", "2", "3"]


SENTENCES = "One two three. Four five six seven eight nine ten."


async def test_a_newer_utterance_takes_back_what_is_sent_and_not_played(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = Model(SENTENCES), list[Ended]()
    talk = conversation(nursery, cast(model))
    await ask(talk, ended, deadline=1000)
    assert (ended, trio.current_time()) == ([Ended(Why.DONE)], 0)
    await trio.sleep(1.0)
    await ask(talk, ended, deadline=1000)
    await trio.sleep(100)
    await ask(talk, ended, deadline=1000)
    cut_off = Exchange("Tell me a story.", "One two three. Four five", complete=False)
    whole = Exchange("Tell me a story.", SENTENCES)
    assert [prompt.history for prompt in model.prompts] == [(), (cut_off,), (cut_off, whole)]


async def test_agents_js_1269_an_interrupt_takes_back_what_is_sent_and_not_played(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = Model(SENTENCES), list[Ended]()
    talk = conversation(nursery, cast(model))
    await ask(talk, ended, deadline=1000)
    await trio.sleep(0.5)
    assert await talk.sessions.stop(ANNA) == []  # nothing runs any more
    await trio.sleep(100)
    await ask(talk, ended, deadline=1000)
    assert [end.why for end in ended] == [Why.DONE] * 2
    assert model.prompts[1].history == (Exchange("Tell me a story.", "One two", complete=False),)


@pytest.mark.parametrize(
    ("told", "heard"), [(None, "One two"), (0.0, ""), (0.21, "One"), (1.0, "One two three. Four five")]
)
async def test_a_client_tells_how_much_it_has_played(
    told: float | None, heard: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model(SENTENCES, 100.0)
    talk = conversation(nursery, cast(model))
    nursery.start_soon(ask, talk, [])
    await trio.sleep(0.5)
    assert await talk.sessions.stop(ANNA, told) == [ONE]
    await ask(talk, [], deadline=1000)
    assert model.prompts[1].history == (Exchange("Tell me a story.", heard, complete=False),)


async def test_what_a_client_has_played_is_of_the_newest_answer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model(SENTENCES)
    talk = conversation(nursery, cast(model))
    two = replace(SAID, session_id=SessionId("two"))
    for said in (SAID, two):
        await ask(talk, [], said, deadline=1000)
        await trio.sleep(0.6)
    await talk.sessions.stop(ANNA, 0.2)
    await ask(talk, [], deadline=1000)
    await ask(talk, [], two, deadline=1000)
    heard = [prompt.history[0].heard for prompt in model.prompts[2:]]
    assert heard == ["One two three. Four five six", "One"]


async def test_within_the_lead_a_paced_answer_is_cut_off_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, client = Model(SENTENCES), Client()
    talk = conversation(nursery, cast(model))  # two seconds of sound are less than its lead of three
    await ask(talk, [], client=client)
    await trio.sleep(1.3)
    await ask(talk, [], client=client)
    assert model.prompts[1].history == (
        Exchange("Tell me a story.", "One two three. Four five six", complete=False),
    )


async def test_what_a_failed_answer_has_said_is_cut_off_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model("One two three. ", "Four five six seven eight. ", ProviderError("quota"))
    talk = conversation(nursery, cast(model))
    await ask(talk, [], deadline=1000)
    await trio.sleep(1.0)
    await ask(talk, [], deadline=1000)
    (told,) = model.prompts[1].history
    assert told == Exchange("Tell me a story.", "One two three. Four five", complete=False)


@pytest.mark.parametrize("given", ["", "  ", "unknown", " Unknown "])
def test_a_hardware_id_must_name_a_device(given: str) -> None:
    with pytest.raises(BadRequest, match="missing"):
        check_hardware_id(given)


@pytest.mark.parametrize("given", ["x" * 257, "a\nb", "a\x00", "\x7f!"])
def test_ids_that_cannot_be(given: str) -> None:
    for check in (check_hardware_id, check_session_id):
        with pytest.raises(BadRequest) as refused:
            check(given)
        assert given not in str(refused.value)


def test_ids_as_they_are_used() -> None:
    assert check_hardware_id(" device ") == "device"
    assert check_session_id(" name ") == "name"
    assert check_session_id("  ") is None
    assert check_hardware_id("x" * 256) == "x" * 256
