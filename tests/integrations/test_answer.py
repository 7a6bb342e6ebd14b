"""One answer: when its parts leave, and what is remembered of it."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import ProviderTimeout
from nexy.integrations.answer import PIECES_AHEAD, Answer
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.session_management import History
from nexy.modules.text_filtering import Pronunciations
from nexy.modules.text_processing import Usage
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from nexy.types import MOST_SOUND_BYTES, AudioChunk, Done, Exchange, Reply, TextChunk, Timing
from tests.integrations.fakes import RATE, Client, Model, Polyglot, SlowVoice, answer, cast, said

PROMPT = "Tell me a story."


async def test_first_audio_leaves_before_the_model_is_done(autojump_clock: MockClock) -> None:
    client, model = Client(), Model("Hello. ", 1.0, "How ", 1.0, "are ", 1.0, "you?")
    await answer(client, History(), cast(model)).run()
    assert client.at(0) == (TextChunk, 0.0)
    assert client.at(1) == (AudioChunk, 0.0)
    assert client.replies[-1] == (3.0, Done())


async def test_a_sentence_leaves_with_its_last_word(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(ScriptedModel(2, 0.1)), paced=False).run()
    kinds = [(type(reply), round(at, 9)) for at, reply in client.replies]
    assert kinds[0] == (TextChunk, 1.1)  # the twelfth word
    assert kinds[1] == (AudioChunk, 1.1)
    assert [at for kind, at in kinds if kind is TextChunk] == [1.1, 2.3]


async def test_each_text_comes_before_its_sound(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(ScriptedModel(3, 0.0))).run()
    kinds = [type(reply) for _, reply in client.replies]
    assert kinds[0] is TextChunk
    assert kinds[-1] is Done
    sound, sentences = 0.0, 0
    for _, reply in client.replies:
        if isinstance(reply, TextChunk):
            assert sound == pytest.approx(2.4 * sentences)  # all sound of those before, and no more
            sentences += 1
        elif isinstance(reply, AudioChunk):
            sound += reply.seconds
    assert sentences == 3
    assert sound == pytest.approx(7.2)


@pytest.mark.parametrize(
    "pieces",
    [
        ["Hello. How are you? ", "Fine"],
        ["  One, two.\n\nThree", "!  ", "\n"],
        ["No end", " at all"],
        ["# Title\n\n* one\n* two\n\n```\ncode. more\n```\nDone. 🙂"],
        ["Это 3.14, т. е. пи.", " Да? ", "Да…"],
    ],
)
async def test_the_texts_join_to_what_the_model_wrote(pieces: list[str], autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    await answer(client, history, cast(Model(*pieces))).run()
    assert "".join(client.texts).rstrip() == "".join(pieces).rstrip()
    assert [exchange.heard.rstrip() for exchange in history] == ["".join(pieces).rstrip()]


async def test_the_first_chunk_is_short_and_none_is_long(autojump_clock: MockClock) -> None:
    client = Client()
    who = cast(ScriptedModel(2, 0.0), Tone(48_000))
    await answer(client, History(), who).run()
    chunks = [chunk for _, chunk in client.sounds]
    assert chunks[0].seconds == 0.04
    assert all(len(chunk.pcm) <= MOST_SOUND_BYTES <= 32_768 for chunk in chunks)
    assert all(len(chunk.pcm) % 2 == 0 for chunk in chunks)
    assert all(len(chunk.pcm) for chunk in chunks)
    assert client.seconds == pytest.approx(4.8)


async def test_sound_shorter_than_a_first_chunk_is_one_chunk(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(Model("Hi."), Tone(8_000))).run()
    assert [chunk.seconds for _, chunk in client.sounds] == [0.04, pytest.approx(0.16)]


async def test_pipecat_3222_no_chunk_leaves_while_more_than_the_lead_waits_to_be_played(
    autojump_clock: MockClock,
) -> None:
    client = Client()
    await answer(client, History(), cast(ScriptedModel(10, 0.0), lead_seconds=3)).run()
    sent = 0.0
    for at, chunk in client.sounds:
        assert sent - at <= 3 + 1e-6  # the first sound is at 0
        sent += chunk.seconds
    assert sent == pytest.approx(24)
    longest = MOST_SOUND_BYTES / (2 * RATE)
    last = client.sounds[-1][0]
    assert 24 - 3 - longest - 1e-6 <= last <= 24 - 3 + 1e-6  # and it is no further behind than it must be


async def test_without_pacing_nothing_is_held_back(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(ScriptedModel(10, 0.0)), paced=False).run()
    assert trio.current_time() == 0
    assert client.seconds == pytest.approx(24)


async def test_the_next_sentence_is_voiced_while_this_one_is_sent(autojump_clock: MockClock) -> None:
    client, voice = Client(seconds=1.0), SlowVoice(think_seconds=2.0)
    who = cast(Model("One. ", "Two. ", "Three."), voice)
    await answer(client, History(), who, paced=False).run()
    assert voice.began == [0.0, 2.0, 4.0]
    # each: its text, then 0.2 s of sound in 1 chunk, the first in 2
    assert [at for at, _ in client.sounds] == [3.0, 4.0, 6.0, 8.0]


async def test_aplisay_311_a_reply_that_never_ends_holds_back_the_model(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    model = Model(*[f"This is sentence {one}{two}{two}. " for one in letters for two in letters])
    asked = 0

    async def never(reply: Reply) -> None:
        nonlocal asked
        asked += 1
        await trio.sleep_forever()

    client, history = Client(), History()
    client.reply = never  # type: ignore[method-assign]
    nursery.start_soon(answer(client, history, cast(model)).run)
    await wait_all_tasks_blocked(0.01)
    # Sent: text 1. Waiting to be sent: sound 1, text 2, sound 2, text 3. In the voice's hand: sound 3.
    # Waiting for the voice: 4 and 5. In the reader's hand: 6. Waiting for it: PIECES_AHEAD, and one more.
    assert asked == 1
    assert len(model.given) == 6 + PIECES_AHEAD + 1
    await trio.sleep(200)  # that the client is slow is not the model's or the voice's doing
    assert len(model.given) == 6 + PIECES_AHEAD + 1
    assert list(history) == []
    nursery.cancel_scope.cancel()


WORDS = "River bridge garden window silver morning letter market yellow simple travel winter."
NEXT = " Summer table paper music story island forest mountain village street kitchen candle."


@pytest.mark.parametrize(
    ("at", "heard"),
    [
        (0.1, ""),
        (0.2, "River"),
        (1.0, "River bridge garden window silver"),
        (1.19, "River bridge garden window silver"),
        (1.2, "River bridge garden window silver morning"),
        (2.4, WORDS),
        (2.5, WORDS),
        (3.0, WORDS + " Summer table paper"),
        (4.7, WORDS + NEXT.removesuffix(" candle.")),
    ],
)
async def test_an_answer_that_is_cut_off_is_remembered_as_it_was_heard(
    at: float, heard: str, autojump_clock: MockClock
) -> None:
    history = History()
    with trio.move_on_at(at) as cut:
        await answer(Client(), history, cast(ScriptedModel(5, 0.0))).run()
    assert cut.cancelled_caught
    assert list(history) == [Exchange(PROMPT, heard, complete=False)]


async def test_pipecat_1591_a_complete_answer_is_remembered_whole(autojump_clock: MockClock) -> None:
    history = History()
    await answer(Client(), history, cast(ScriptedModel(2, 0.0))).run()
    assert list(history) == [Exchange(PROMPT, WORDS + NEXT, complete=True)]
    assert trio.current_time() < 4.8  # it is sent before it is played


async def test_the_model_is_told_of_what_was_heard_before(autojump_clock: MockClock) -> None:
    history, model = History(), Model("Fine.")
    with trio.move_on_at(0.6):
        await answer(Client(), history, cast(ScriptedModel(2, 0.0)), prompt="First.").run()
    await answer(Client(), history, cast(model), prompt="Second.").run()
    assert [prompt.history for prompt in model.prompts] == [
        (Exchange("First.", "River bridge garden", False),)
    ]
    assert model.prompts[0].said == "Second."
    assert [exchange.prompt for exchange in history] == ["First.", "Second."]


async def test_the_models_stream_is_left_when_the_answer_is_cut_off(autojump_clock: MockClock) -> None:
    model = Model("Hello. ", 100.0)
    with trio.move_on_at(1):
        await answer(Client(), History(), cast(model, model_idle_seconds=200)).run()
    assert model.left == 1


async def test_what_it_cost_and_took_is_noted(autojump_clock: MockClock) -> None:
    usage = Usage(5, 2, "m")
    making = answer(Client(), History(), cast(Model(1.0, "Hello ", 0.5, "you.", usage)))
    await making.run()
    times = making.times
    assert (times.first_word, times.first_sound, times.usage) == (1.0, 1.5, usage)
    assert (times.sentences, times.chars) == (1, 10)
    assert times.sound_seconds == pytest.approx(0.4)


async def test_code_that_is_not_said_is_still_sent(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    await answer(client, history, cast(Model("---"))).run()
    assert client.texts == ["---"]
    assert client.sounds == []
    assert list(history) == [Exchange(PROMPT, "---", complete=True)]


async def test_each_sentence_has_the_voice_of_its_language(autojump_clock: MockClock) -> None:
    voice = Polyglot()
    model = Model("Auf Englisch sagt man thank you. It is easy to say. Ganz einfach, oder?")
    await answer(Client(), History(), cast(model, voice), prompt="Was heißt danke auf Englisch?").run()
    assert voice.languages == ["de", "en", "de"]


async def test_a_sentence_that_does_not_tell_is_in_the_language_of_the_answer_so_far(
    autojump_clock: MockClock,
) -> None:
    voice = Polyglot()
    model = Model("Bonjour, comment allez-vous ? 42. So grüßt man in Frankreich. OK.")
    await answer(Client(), History(), cast(model, voice), prompt="Wie grüßt man auf Französisch?").run()
    assert voice.languages == ["fr", "fr", "de", "de"]


async def test_a_prompt_that_does_not_tell_is_in_the_language_of_those_before(
    autojump_clock: MockClock,
) -> None:
    history, voice = History(), Polyglot()
    history.add(Exchange("Was ist die Hauptstadt von Österreich?", "Wien."))
    history.add(Exchange("OK.", "42."))
    await answer(Client(), history, cast(Model("Wien. 42."), voice), prompt="2026?").run()
    assert voice.languages == ["de", "de"]


async def test_a_client_that_asks_is_told_when_each_word_is_said(autojump_clock: MockClock) -> None:
    client, written = Client(), "It costs **$5** today. Buy one, too."
    asked = replace(said(), word_times=True)
    await Answer(asked, client.reply, History(), cast(Model(written)), Timing(0)).run()
    told = [word for _, chunk in client.sounds for word in chunk.words]
    places = [written[:22][word.first : word.past] for word in told[:5]]
    assert places == ["It", "costs", "**$5**", "**$5**", "today."]
    assert [round(word.at, 6) for word in told] == [0, 0.2, 0.4, 0.6, 0.8, 0, 0.2, 0.4]
    assert all(word.until == pytest.approx(word.at + 0.2) for word in told)
    assert [" Buy one, too."[word.first : word.past] for word in told[5:]] == ["Buy", "one,", "too."]


async def test_a_client_that_does_not_ask_gets_none(autojump_clock: MockClock) -> None:
    client = Client()
    await answer(client, History(), cast(Model("One two."))).run()
    assert not any(chunk.words for _, chunk in client.sounds)


async def test_a_model_that_pauses_is_not_waited_for(autojump_clock: MockClock) -> None:
    client, history = Client(), History()
    model = Model("The answer is fo", 5.0, "rty-two, and ", 0.5, "so on", 0.5, ". Good", 700.0)
    with pytest.raises(ProviderTimeout):
        await answer(client, history, cast(model, clause_hold_seconds=0.6)).run()
    texts = [(at, reply.text) for at, reply in client.replies if isinstance(reply, TextChunk)]
    assert texts == [(0.6, "The answer is"), (6.0, " forty-two, and so on."), (16.0, " Good")]
    assert [exchange.heard for exchange in history] == ["The answer is forty-two, and so on. Good"]


async def test_the_first_clause_is_said_before_the_sentence_is_written(autojump_clock: MockClock) -> None:
    client = Client()
    model = Model("If you go there,", 0.1, " you will", 1.0, " see, in time.", " Or not, but no.")
    await answer(client, History(), cast(model, clause_hold_seconds=2)).run()
    texts = [(at, reply.text) for at, reply in client.replies if isinstance(reply, TextChunk)]
    assert texts[0] == (0.1, "If you go there,")
    assert [text for _, text in texts] == ["If you go there,", " you will see, in time.", " Or not, but no."]


async def test_words_are_said_as_the_user_wants_them(autojump_clock: MockClock) -> None:
    voice = Polyglot()
    who = replace(cast(Model("Nexy says hi."), voice), pronunciations=Pronunciations({"": {"nexy": "neksi"}}))
    client, history = Client(), History()
    await answer(client, history, who).run()
    assert voice.said == ["neksi says hi."]
    assert client.texts == ["Nexy says hi."]
    assert [exchange.heard for exchange in history] == ["Nexy says hi."]
