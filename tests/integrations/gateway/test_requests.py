"""What clients ask, and what is answered to each."""

from typing import Any

import pytest
import trio
import trio.testing

from nexy.config import ConnectionsConfig
from nexy.errors import ProviderError
from tests.integrations.fakes import RATE, Model
from tests.integrations.gateway.stage import BOTH, Stage, stage

OK = ("OK", 0, 0.0)


def ends(over: dict[str, object]) -> tuple[object, object, object]:
    return over["status"], over["code"], over["retry_after_seconds"]


def story(*steps: float | str) -> Model:
    return Model(*steps, *("One more sentence, and so on. " for _ in range(1000)))


@pytest.mark.parametrize("subprotocol", BOTH)
async def test_an_answer(subprotocol: str, autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.client(subprotocol)
        ready = await client.hello()
        assert ready["session_id"]
        assert (ready["resumed"], ready["ping_seconds"]) == (False, 20.0)
        await client.say("a", stream={"prompt": "Hello", "word_times": True})
        *replies, (kind, over) = await client.answer("a")
        assert {kind for kind, _ in replies} == {"stream"}
        assert (kind, *ends(over)) == ("over", *OK)
        texts = [reply["text_chunk"] for _, reply in replies if "text_chunk" in reply]
        assert texts == ["One sentence.", " And another one."]
        sounds = [reply["audio_chunk"] for _, reply in replies if "audio_chunk" in reply]
        assert sum(len(sound["pcm"]) for sound in sounds) == 5 * 2 * RATE // 5  # 0.2 s for each word
        assert {(sound["sample_rate"], sound["channels"]) for sound in sounds} == {(RATE, 1)}
        words = [word for sound in sounds for word in sound["words"]]
        assert [(word["text_start"], word["text_end"]) for word in words[:2]] == [(0, 3), (4, 13)]
        assert [(word["start_ms"], word["end_ms"]) for word in words[:2]] == [(0, 200), (200, 400)]
        assert replies[-1][1] == {"end_message": "completed"}
        (session,) = at.behind.talk.sessions
        assert [one.prompt for one in session.notes.history] == ["Hello"]


@pytest.mark.parametrize("subprotocol", BOTH)
async def test_every_other_kind(subprotocol: str, autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted(subprotocol)
        await client.say("w", welcome={"language": "ru"})
        (_, metadata), *sounds, (_, end), (_, over) = await client.answer("w")
        assert metadata["metadata"] is not None
        assert sum(len(sound["audio_chunk"]["pcm"]) for _, sound in sounds) == 96_000
        assert (end, ends(over)) == ({"end_message": "completed"}, OK)

        await client.say("u", usage={"input_tokens": 5, "output_tokens": 7})
        (kind, counted), _ = await client.answer("u")
        assert (kind, counted["success"], at.behind.used) == ("usage", True, [(5, 7)])

        await client.say("e", export={})
        *parts, _ = await client.answer("e")
        assert len(parts) == 2
        assert "".join(part["json"] for _, part in parts).startswith('{"who": "desk"')

        await client.say("f", forget={})
        (kind, forgotten), _ = await client.answer("f")
        assert (kind, int(forgotten["rows"])) == ("forget", 3)

        await client.say("i", interrupt={})
        (kind, stopped), (_, over) = await client.answer("i")
        assert (kind, stopped["success"], stopped["message"]) == ("interrupt", False, "no active sessions")
        assert ends(over) == OK


@pytest.mark.parametrize("subprotocol", BOTH)
async def test_no_sound_after_the_response_to_an_interrupt(subprotocol: str, autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted(subprotocol)
        await client.say("a", stream={"prompt": "Tell me a story"})
        for _ in range(6):
            await client.hear()
        await client.say("b", interrupt={"played_ms": 300})
        heard: list[tuple[str, str, dict[str, Any]]] = []
        while not heard or heard[-1][:2] != ("b", "over"):
            heard.append(await client.hear())
        kinds = [(turn, kind) for turn, kind, _ in heard]
        assert kinds[-4:] == [("a", "stream"), ("a", "over"), ("b", "interrupt"), ("b", "over")]
        assert heard[-4][2] == {"end_message": "interrupted"}
        assert heard[-2][2]["interrupted_sessions"]
        with trio.move_on_after(100) as silence:
            await client.hear()
        assert silence.cancelled_caught


async def test_a_newer_request_stops_the_older(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        await client.say("old", stream={"prompt": "Tell me a story"})
        await client.hear()
        await client.say("new", stream={"prompt": "Another one"})
        *_, (_, last), (_, over) = await client.answer("old")
        assert (last, ends(over)) == ({"end_message": "interrupted"}, OK)
        turn, _, content = await client.hear()
        assert (turn, list(content)) == ("new", ["text_chunk"])


async def test_two_at_once_in_two_sessions(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        for name in ("one", "two"):
            await client.say(name, stream={"prompt": "Tell me a story", "session_id": name})
        heard = [await client.hear() for _ in range(40)]
        sounds = [turn for turn, _, content in heard if "audio_chunk" in content]
        assert set(sounds) == {"one", "two"}
        assert len(at.behind.talk.sessions) == 2
        await client.say("stop", interrupt={})
        *_, (_, stopped), _ = await client.answer("stop")
        assert sorted(stopped["interrupted_sessions"]) == ["one", "two"]


async def test_a_cancel_stops_one(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        for name in ("one", "two"):
            await client.say(name, stream={"prompt": "Tell me a story", "session_id": name})
        await client.hear()
        await client.say("one", cancel={})
        await client.say("never", cancel={})  # may be over already, for all that its client knows
        *_, (_, over) = await client.answer("one")
        assert ends(over) == ("CANCELLED", 1, 0.0)
        assert at.behind.talk.sessions.active == 1
        await client.say(
            "one", stream={"prompt": "Another one", "session_id": "one"}
        )  # its name is free again
        turns = {(await client.hear())[0] for _ in range(20)}
        assert turns == {"one", "two"}


async def test_parts_of_what_is_still_being_said(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        await client.say(
            "1", stream={"phase": "REQUEST_PHASE_COLLECT", "chunk_seq": 1, "chunk_text": "Hello "}
        )
        assert (await client.answer("1"))[0] == ("stream", {"end_message": "COLLECT_ACCEPTED"})
        await client.say("2", stream={"phase": "REQUEST_PHASE_COMMIT", "chunk_text": "Hello there"})
        await client.answer("2")
        (session,) = at.behind.talk.sessions
        assert [one.prompt for one in session.notes.history] == ["Hello there"]


async def test_mistakes_are_told_like_those_of_grpc(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        await client.say("1", stream={"prompt": " "})
        *_, (_, told), (_, over) = await client.answer("1")
        assert "the prompt is empty" in told["error_message"]
        assert (over["status"], over["message"]) == ("INVALID_ARGUMENT", told["error_message"])
        await client.say("2", interrupt={"played_ms": -1})
        ((_, over),) = await client.answer("2")
        assert (over["status"], over["message"]) == ("INVALID_ARGUMENT", "played_ms is negative")
        await client.say("3", stream={"prompt": "a", "screenshot": "!"})
        assert (await client.answer("3"))[-1][1]["message"] == "the screenshot is not base64"


async def test_a_model_that_fails_is_apologised_for(autojump_clock: object) -> None:
    async with stage(Model(ProviderError("broken"))) as at:
        client = await at.greeted()
        await client.say("1", stream={"prompt": "Hello"})
        *replies, (_, over) = await client.answer("1")
        assert any("audio_chunk" in reply for _, reply in replies)
        assert over["status"] == "UNAVAILABLE"


async def test_a_bug_in_one_request_ends_that_one_alone(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        at.behind.bug = True
        await client.say("1", interrupt={})
        assert await client.answer("1") == [
            (
                "over",
                {"code": 13, "status": "INTERNAL", "message": "internal error", "retry_after_seconds": 0.0},
            )
        ]
        await client.say("2", stream={"prompt": "Hello"})
        assert (await client.answer("2"))[-1][1]["status"] == "OK"


async def test_too_many_requests_are_refused_and_interrupts_never(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        ends_of = []
        for number in range(22):
            await client.say(str(number), usage={"input_tokens": 1})
            ends_of.append(ends((await client.answer(str(number)))[-1][1]))
        assert ends_of == [OK] * 20 + [("RESOURCE_EXHAUSTED", 8, 1.0)] * 2
        await client.say("stop", interrupt={})
        assert ends((await client.answer("stop"))[-1][1]) == OK
        await trio.sleep(1)
        for number in range(10):
            await client.say(str(number), usage={"input_tokens": 1})
            assert ends((await client.answer(str(number)))[-1][1]) == OK
        assert at.house.turned_away["requests"] == 2


async def test_too_many_at_once_are_refused(autojump_clock: object) -> None:
    async with stage(story(), limits=ConnectionsConfig(max_streams_per_connection=2)) as at:
        client = await at.greeted()
        for name in ("one", "two", "three"):
            await client.say(name, stream={"prompt": "Tell me a story", "session_id": name})
        ((_, over),) = await client.answer("three")
        assert ends(over) == ("RESOURCE_EXHAUSTED", 8, 1.0)
        assert at.behind.talk.sessions.active == 2
        await client.say("stop", interrupt={})  # for which there is always room
        *_, (_, stopped), _ = await client.answer("stop")
        assert sorted(stopped["interrupted_sessions"]) == ["one", "two"]


async def test_a_name_is_free_when_its_over_is_there(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        for number in range(15):
            kind = ("stream", "usage", "welcome")[number % 3]
            await client.say("same", **{kind: {"prompt": "Hello"} if kind == "stream" else {}})
            assert (await client.answer("same"))[-1][1]["status"] == "OK"


async def test_the_limits_behind_hold_here_too(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        for number in range(11):  # MAX_REQUESTS_PER_USER is 10
            await client.say(str(number), stream={"prompt": "Hello", "session_id": str(number)})
        *spoken, (_, over) = await client.answer("10")
        assert ends(over) == ("RESOURCE_EXHAUSTED", 8, 1.0)
        assert any("audio_chunk" in reply for _, reply in spoken)


async def test_a_slow_reader_slows_the_model_and_is_dropped(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.client(make=trio.testing.lockstep_stream_pair)
        await client.hello()
        await client.say("1", stream={"prompt": "Tell me a story"})
        await client.hear()
        await trio.sleep(15)
        asked = len(at.model.given)
        assert asked < 300  # of 1000: what may wait between the model and the voice
        assert at.behind.talk.sessions.active == 1
        await trio.sleep(10)
        assert len(at.model.given) == asked
        await trio.sleep(20)
        assert at.behind.talk.sessions.active == 0
        assert at.house.turned_away.total() == 1
        assert not at.house.connections
        assert at.model.left == 1


def _is_quiet(at: Stage) -> bool:
    return not at.house.connections and not at.behind.talk.sessions.active


async def test_a_client_that_vanishes_stops_its_answers(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        await client.say("1", stream={"prompt": "Tell me a story"})
        await client.hear()
        await trio.aclose_forcefully(client.end)
        await trio.sleep(0.1)
        assert _is_quiet(at)
        assert at.model.left == 1
