"""What a client hears when all is well."""

import time
from typing import Any

import grpc
import trio

from nexy.modules.text_processing import Prompt
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from tests.e2e.conftest import until


def script(sentences: int) -> str:
    """What the scripted model says."""

    async def listen() -> str:
        async with ScriptedModel(sentences, 0).stream(Prompt(said="x")) as pieces:
            return "".join([piece async for piece in pieces if isinstance(piece, str)])

    return trio.run(listen)


def test_a_whole_answer(serve: Any, connect: Any) -> None:
    answer = connect(serve(SCRIPTED_SENTENCES=3)).say().wait()
    assert answer.status is grpc.StatusCode.OK
    assert answer.text == script(3)
    assert answer.kinds[0] == "text_chunk"
    assert answer.kinds.count("text_chunk") == 3
    assert answer.kinds[-1] == "end_message"
    assert set(answer.kinds) == {"text_chunk", "audio_chunk", "end_message"}
    assert answer.kinds.count("end_message") == 1
    for one, following in zip(answer.kinds, answer.kinds[1:], strict=False):
        assert (one, following) != ("text_chunk", "text_chunk")
    assert all(answer.of("text_chunk"))


def test_the_sound_is_what_clients_play(serve: Any, connect: Any) -> None:
    answer = connect(serve(SCRIPTED_SENTENCES=3)).say().wait()
    chunks = answer.of("audio_chunk")
    for chunk in chunks:
        assert (chunk.dtype, list(chunk.shape), chunk.sample_rate, chunk.channels) == ("int16", [], 48_000, 1)
        assert 0 < len(chunk.audio_data) <= 32_768
        assert len(chunk.audio_data) % 2 == 0
    assert len(chunks[0].audio_data) <= 3_840
    assert len(answer.sound) == 36 * 19_200  # the tone: 0.2 s a word


def test_a_v1_client_is_not_held_back(serve: Any, connect: Any) -> None:
    answer = connect(serve(SCRIPTED_SENTENCES=5, SCRIPTED_WORD_SECONDS=0.005)).say(timeout=30).wait()
    assert len(answer.sound) / 96_000 == 12
    assert answer.items[-1][0] - answer.began < 2


def test_without_a_deadline_sound_comes_in_real_time(serve: Any, connect: Any) -> None:
    answer = connect(serve(SCRIPTED_SENTENCES=1, LEAD_SECONDS=1)).say(timeout=None).wait()
    heard = [(at, chunk) for at, kind, chunk in answer.items if kind == "audio_chunk"]
    start, sent = heard[0][0], 0.0
    for at, chunk in heard:
        assert sent - (at - start) <= 1.1  # what came before this chunk and is not yet played
        sent += len(chunk.audio_data) / 96_000
    assert 0.8 < heard[-1][0] - start < 2.4


def test_the_first_sound_does_not_wait_for_the_end(serve: Any, connect: Any) -> None:
    answer = connect(serve(SCRIPTED_SENTENCES=4, SCRIPTED_WORD_SECONDS=0.02)).say().wait()
    first = next(at for at, kind, _ in answer.items if kind == "audio_chunk")
    assert first - answer.began < 0.6  # the first sentence is whole after 0.22 s, the answer after 0.94 s
    assert answer.items[-1][0] - answer.began > 0.9


def test_cancelling_the_call_stops_the_server(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0.02)
    answer = connect(server).say(timeout=None)
    assert answer.speaking()
    assert server.active == 1
    answer.call.cancel()
    assert until(lambda: server.active == 0, 0.5)
    assert answer.wait().status is grpc.StatusCode.CANCELLED


def test_a_client_whose_connection_goes(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0.02)
    client = connect(server)
    assert client.say(timeout=None).speaking()
    client.channel.close()
    assert until(lambda: server.active == 0, 1)


def test_a_deadline(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=10, SCRIPTED_WORD_SECONDS=0.05)
    answer = connect(server).say(timeout=0.4).wait()
    assert answer.status is grpc.StatusCode.DEADLINE_EXCEEDED
    assert until(lambda: server.active == 0, 0.5)


def test_a_new_utterance_in_the_same_session_interrupts_the_old(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=2, SCRIPTED_WORD_SECONDS=0.02))
    old = client.say(session_id="talk", timeout=None)
    assert old.speaking()
    new = client.say(session_id="talk").wait()
    assert old.wait(1).status is grpc.StatusCode.OK
    assert old.items[-1][1:] == ("end_message", "interrupted")
    assert new.text == script(2)
    assert new.of("end_message") == ["completed"]


def test_two_sessions_of_a_device_do_not_meet(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=2))
    answers = [client.say(session_id=name) for name in ("one", "two", "")]
    assert [answer.wait().text for answer in answers] == [script(2)] * 3


def test_many_at_once(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=2)
    clients = [connect(server) for _ in range(3)]
    answers = [clients[n % 3].say(who=f"device-{n}") for n in range(30)]
    assert {answer.wait().text for answer in answers} == {script(2)}


def test_offline_with_a_real_voice(serve: Any, connect: Any) -> None:
    client = connect(serve(LLM_PROVIDERS="offline", TTS_PROVIDERS="espeak"))
    answer = client.say("What is 17 times 3?").wait()
    assert answer.status is grpc.StatusCode.OK
    assert "51" in answer.text
    assert len(answer.sound) > 20_000
    assert len(answer.of("audio_chunk")[0].audio_data) <= 3_840


def test_collect_and_commit(serve: Any, connect: Any) -> None:
    server = serve(LLM_PROVIDERS="offline")
    server.drafts = 2
    client = connect(server)
    parts = {"delta": ["What is 17", " times 3?"], "snapshot": ["What is 17", "What is 17 times 3?"]}
    for session, (first, last) in parts.items():
        for _ in range(2):  # the second is a repetition, which is dropped
            kept = client.say(first, session_id=session, phase=1, chunk_seq=1).wait()
            assert [item[1:] for item in kept.items] == [("end_message", "COLLECT_ACCEPTED")]
            assert kept.status is grpc.StatusCode.OK
        answer = client.say(last, session_id=session, phase=2, chunk_seq=2).wait()
        assert "51" in answer.text, session


def test_collect_with_chunk_text(serve: Any, connect: Any) -> None:
    server = serve(LLM_PROVIDERS="offline")
    server.drafts = 1
    client = connect(server)
    client.say("", chunk_text="What is 17", session_id="s", phase=1, chunk_seq=1).wait()
    client.say("", chunk_text=" times 3?", session_id="s", phase=1, chunk_seq=2).wait()
    answer = client.say("", session_id="s", phase=2, chunk_seq=3).wait()
    assert answer.status is grpc.StatusCode.OK, answer.details
    assert "51" in answer.text


def test_it_goes_on_after_a_pause(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=1))
    for _ in range(3):
        assert client.say().wait().text == script(1)
        time.sleep(0.02)


def test_word_times_come_when_they_are_asked_for(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=1))
    assert not any(chunk.words for chunk in client.say().wait().of("audio_chunk"))
    answer = client.say(word_times=True).wait()
    words = [word for chunk in answer.of("audio_chunk") for word in chunk.words]
    assert [answer.text[word.text_start : word.text_end] for word in words] == answer.text.split()
    assert [(word.start_ms, word.end_ms) for word in words] == [(n * 200, n * 200 + 200) for n in range(12)]
