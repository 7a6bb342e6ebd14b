"""WebSockets over real sockets, with a library that is not the server's."""

import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.certificates import Authority
from tests.e2e.conftest import until
from tests.e2e.test_process import launch
from tests.e2e.test_tokens import ANNA, BEN, office
from tests.e2e.websocket import BOTH, Client, plain_sound

__all__ = ["launch", "office"]
LONG = {"SCRIPTED_SENTENCES": 100, "SCRIPTED_WORD_SECONDS": 0.01, "LEAD_SECONDS": 0.5}
GUIDE = Path(__file__).parents[2] / "docs" / "websocket.md"


def grpc_replies(client: Any, prompt: str, who: str, *, word_times: bool) -> list[dict[str, Any]]:
    """The same as Client.ask, over gRPC."""
    call = client.say(prompt, who, timeout=None, word_times=word_times).wait()
    return [{kind: plain_sound(what) if kind == "audio_chunk" else what} for _, kind, what in call.items]


def merged(replies: list[dict[str, Any]]) -> list[Any]:
    """With the sound of each sentence as one: where it is cut depends on when the voice was ready."""
    found: list[Any] = []
    for reply in replies:
        chunk = reply.get("audio_chunk")
        if chunk is None:
            found.append(reply)
        elif isinstance(found[-1], list):
            found[-1][0] += chunk["pcm"]
            found[-1][1] += chunk["words"]
        else:
            found.append([chunk["pcm"], list(chunk["words"]), chunk["sample_rate"], chunk["channels"]])
    return found


def conversations(seed: int, number: int) -> list[tuple[list[str], bool]]:
    """Utterances of any letters, and whether their words' times are wanted.

    Not Hypothesis': the server in the next thread uses the same `random`.
    """
    rng = Random(seed)
    known = ["What is 17 times 3?", "My name is Anna.", "What is my name?", "Сколько будет 2 + 2?"]

    def utterance() -> str:
        letters = "".join(
            chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x400, 0x450), 0x1F600))) for _ in range(30)
        )
        return rng.choice([*known, letters])

    return [([utterance() for _ in range(rng.randint(1, 3))], rng.random() < 0.5) for _ in range(number)]


@pytest.mark.parametrize("model", ["scripted", "offline"])
def test_the_same_replies_as_over_grpc(model: str, serve: Any, connect: Any, pb: Any) -> None:
    server = serve(LLM_PROVIDERS=model, LEAD_SECONDS=100)
    official = connect(server)
    for mark, (prompts, word_times) in enumerate(conversations(8, 6)):
        want = [merged(grpc_replies(official, one, f"grpc {mark}", word_times=word_times)) for one in prompts]
        for subprotocol in BOTH:
            hello = {"hardware_id": f"{subprotocol} {mark}"}
            with Client(server.ws, pb, subprotocol, hello=hello) as client:
                got = [merged(client.ask(one, word_times=word_times)) for one in prompts]
            assert got == want


@pytest.mark.parametrize("subprotocol", BOTH)
def test_an_interrupt_is_silence(subprotocol: str, serve: Any, pb: Any) -> None:
    server = serve(**LONG)
    with Client(server.ws, pb, subprotocol) as client:
        client.say("story", stream={"prompt": "Tell me a story"})
        while "audio_chunk" not in client.hear()[2]:
            pass
        began = time.monotonic()
        client.say("stop", interrupt={})
        *_, (_, stopped), (_, over) = client.answer("stop")
        assert time.monotonic() - began < 1
        assert (len(stopped["interrupted_sessions"]), over["status"]) == (1, "OK")
        with pytest.raises(TimeoutError):
            client.hear(0.2)


def test_either_way_an_interrupt_stops_what_came_the_other_way(serve: Any, connect: Any, pb: Any) -> None:
    server = serve(**LONG)
    official = connect(server)
    with Client(server.ws, pb) as client:
        over_grpc = official.say(session_id="a", timeout=None)
        client.say("1", stream={"prompt": "Tell me a story", "session_id": "b"})
        assert over_grpc.speaking()
        client.hear()
        client.say("2", interrupt={})
        *_, (_, stopped), _ = client.answer("2")
        assert sorted(stopped["interrupted_sessions"]) == ["a", "b"]
        assert over_grpc.wait().items[-1][2] == "interrupted"
        client.say("3", stream={"prompt": "Tell me a story"})
        client.hear()
        assert official.interrupt().success
        assert client.answer("3")[-2][1] == {"end_message": "interrupted"}


def test_what_was_told_before_the_drop_is_known_after_it(serve: Any, pb: Any) -> None:
    server = serve(LLM_PROVIDERS="offline")
    with Client(server.ws, pb) as client:
        ready = client.greeting[2]
        client.ask("The code word is marmalade.")
        client.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.socket.close()  # a reset, as when a network goes
    with Client(server.ws, pb, hello={"resume": ready["resume"]}) as again:
        assert again.greeting[2]["resumed"]
        assert again.greeting[2]["session_id"] == ready["session_id"]
    sessions = server.server.backstage.conversation.sessions
    assert server.ask(lambda: [[one.prompt for one in each.notes.history] for each in sessions]) == [
        ["The code word is marmalade."]
    ]


def test_tokens(office: Any, pb: Any) -> None:
    at = office()
    with Client(at.server.ws, pb, hello={"hardware_id": ANNA, "token": at.issue(ANNA)}) as client:
        assert client.greeting[1] == "ready"
        client.ask("Hello")
        client.say("2", interrupt={"hardware_id": BEN})
        assert client.answer("2")[-1][1]["status"] == "PERMISSION_DENIED"
    for token, status in ((None, "UNAUTHENTICATED"), (at.issue(BEN), "PERMISSION_DENIED")):
        with Client(at.server.ws, pb, hello={"hardware_id": ANNA, "token": token or ""}) as client:
            assert client.greeting[2]["status"] == status
            with pytest.raises(ConnectionClosed) as closed:
                client.hear()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008


def test_a_token_that_is_revoked_meanwhile(office: Any, pb: Any) -> None:
    at = office()
    with Client(at.server.ws, pb, hello={"hardware_id": ANNA, "token": at.revoked(ANNA)}) as client:
        assert client.greeting[2]["message"] == "the token was revoked"


def test_pages(serve: Any, pb: Any) -> None:
    server = serve(WEBSOCKET_ORIGINS="https://friend.example")
    port = server.http.rpartition(":")[2]
    for origin in (None, f"http://127.0.0.1:{port}", "https://friend.example"):
        with Client(server.ws, pb, origin=origin) as client:
            assert client.greeting[1] == "ready"
    for origin in ("https://evil.example", f"http://localhost:{port}", f"https://127.0.0.1:{port}"):
        with pytest.raises(InvalidStatus) as refused:
            Client(server.ws, pb, origin=origin)
        assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        Client(server.ws, pb, "chat")
    assert refused.value.response.status_code == 400
    assert b"nexy.v1.json" in refused.value.response.body


def test_over_tls(serve: Any, pb: Any, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pem = authority.issue("server")
    server = serve(TLS_CERT_FILE=pem.certificate, TLS_KEY_FILE=pem.key, SCRIPTED_SENTENCES=1)
    url = server.ws.replace("ws://127.0.0.1", "wss://localhost")
    context = ssl.create_default_context(cafile=authority.file)
    page = f"https://localhost:{server.http.rpartition(':')[2]}"
    with Client(url, pb, ssl=context, origin=page) as client:
        assert client.ask("Hello")[-1] == {"end_message": "completed"}
    with pytest.raises(OSError):  # noqa: PT011 - whatever it is called
        Client(url, pb)


@pytest.mark.parametrize("subprotocol", BOTH)
def test_a_message_that_is_too_large(subprotocol: str, serve: Any, pb: Any) -> None:
    """Its sender is in the middle of it, and is told nevertheless."""
    server = serve(MAX_MESSAGE_BYTES=1_000_000)
    with Client(server.ws, pb, subprotocol) as client:
        with pytest.raises(ConnectionClosed) as closed:
            client.say("1", stream={"screenshot": "x" * 8_000_000})
            client.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    with Client(server.ws, pb, subprotocol) as client:
        client.ask("Hello", screenshot="")


def test_a_large_screenshot_comes_whole(serve: Any, pb: Any) -> None:
    server = serve()
    with Client(server.ws, pb) as client:
        client.say("1", stream={"prompt": "What is this?", "screenshot": "eHh4" * 1_000_000})
        *_, (_, over) = client.answer("1")
        assert over["message"].startswith("the screenshot is neither a PNG")


def test_a_reader_that_stops_is_dropped(serve: Any, pb: Any) -> None:
    server = serve(STALLED_SECONDS=0.5, SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0, LEAD_SECONDS=10_000)
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = server.ws.removeprefix("ws://").split(":")
    small.connect((host, int(port)))
    client = Client(server.ws, pb, sock=small, max_queue=1)
    client.say("1", stream={"prompt": "Tell me a story"})
    assert until(lambda: server.active == 1)
    assert until(lambda: server.active == 0, 8)
    assert server.ask(lambda: server.server.websockets.turned_away["stalled"]) == 1
    small.close()


def test_200_clients_at_once(serve: Any, pb: Any) -> None:
    server = serve(
        SCRIPTED_SENTENCES=1,
        MAX_ACTIVE_SESSIONS=250,
        MAX_SESSIONS=250,
        MAX_CONCURRENT_REQUESTS=250,
    )

    def ask(number: int) -> str:
        with Client(server.ws, pb, BOTH[number % 2], hello={"hardware_id": str(number)}) as client:
            replies = client.ask("Hello")
        assert (
            sum(len(reply["audio_chunk"]["pcm"]) for reply in replies if "audio_chunk" in reply)
            == 12 * 19_200
        )
        return "".join(reply.get("text_chunk", "") for reply in replies)

    with ThreadPoolExecutor(200) as crowd:
        answers = list(crowd.map(ask, range(200)))
    assert len(set(answers)) == 1
    assert answers[0].count(" ") == 11


def test_a_server_that_goes(launch: Any, pb: Any) -> None:
    server = launch(DRAIN_SECONDS=0.2, SCRIPTED_SENTENCES=100)
    with Client(f"ws://{server.ws}", pb) as client:
        client.say("1", stream={"prompt": "Tell me a story"})
        client.hear()
        server.signal()
        *replies, (_, over) = client.answer("1")
        assert over["status"] == "UNAVAILABLE"
        assert replies[-1][1] == {"error_message": "the server is closing"}
        assert "audio_chunk" in replies[-2][1]  # it is said too
        with pytest.raises(ConnectionClosed) as closed:
            client.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
    assert server.wait() == 0


def test_no_new_connection_while_it_drains(launch: Any, pb: Any) -> None:
    server = launch(DRAIN_SECONDS=10, SCRIPTED_SENTENCES=2)
    with Client(f"ws://{server.ws}", pb) as client:
        client.say("1", stream={"prompt": "Tell me a story"})
        client.hear()
        server.signal()
        assert until(lambda: not _listens(server.ws))
        client.say("2", stream={"prompt": "And another", "session_id": "other"})
        ends: dict[str, str] = {}
        while len(ends) < 2:
            turn, kind, content = client.hear()
            if kind == "over":
                ends[turn] = content["status"]
        assert ends == {"1": "OK", "2": "UNAVAILABLE"}
    assert server.wait() == 0


def _listens(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def test_it_can_be_off(serve: Any) -> None:
    server = serve(WEBSOCKET_PORT="none")
    assert server.server.websockets is None
    assert "ws=" not in str(server.server)


def test_who_goes_before_it_is_let_in(serve: Any, pb: Any) -> None:
    """Reset while they wait in the kernel: nothing is known of them any more, and that is no error."""
    server = serve()
    for address in (server.ws.removeprefix("ws://"), server.http.removeprefix("http://")):
        host, port = address.split(":")
        for _ in range(50):
            one = socket.create_connection((host, int(port)))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
    with Client(server.ws, pb) as client:
        client.ask("Hello")
    assert until(lambda: server.ask(lambda: server.server.websockets.connections) == 0)


def example(language: str, tmp_path: Path, name: str) -> Path:
    """The guide's client, as it stands there."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found.count("\n") <= 45
    file = tmp_path / name
    file.write_text(found)
    return file


def run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20, check=False)


def test_the_python_client_of_the_guide(serve: Any, office: Any, tmp_path: Path) -> None:
    server = serve(LLM_PROVIDERS="offline")
    command = [sys.executable, str(example("python", tmp_path, "ask.py"))]
    done = run([*command, server.ws, "What is 17 times 3?"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "17 times 3 is 51.\n"), done.stderr
    with wave.open(str(tmp_path / "answer.wav")) as sound:
        assert sound.getnframes() == 5 * 9_600
    strange = run([*command, office().server.ws, "Hello", "nonsense"], tmp_path)
    assert (strange.returncode, strange.stderr) == (1, "the token is not valid\n")


def _node() -> list[str]:
    """Node.js with a WebSocket; empty when there is none."""
    found = shutil.which("node")
    if found is None:
        return []
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(said.strip().removeprefix("v").partition(".")[0])
    return [found] if major >= 22 else [found, "--experimental-websocket"] if major >= 20 else []


@pytest.mark.skipif(not _node(), reason="needs Node.js 20 or newer")
def test_the_javascript_client_of_the_guide(serve: Any, tmp_path: Path) -> None:
    server = serve(LLM_PROVIDERS="offline")
    command = [*_node(), str(example("javascript", tmp_path, "ask.mjs"))]
    done = run([*command, server.ws, "What is 17 times 3?"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "17 times 3 is 51.\n"), done.stderr
    assert (tmp_path / "answer.pcm").stat().st_size == 5 * 19_200
