"""`nexy serve --workers 2` as it is really run, with a real NATS: several processes that are one server."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from nexy.modules.session_management import Seal, new_grant
from nexy.types import HardwareId
from tests.certificates import Authority
from tests.e2e.conftest import FAST, Client, Reading, until
from tests.e2e.test_process import PORTS, ROOT, Process
from tests.e2e.test_tls import Encrypted
from tests.e2e.test_tokens import bearer
from tests.e2e.websocket import BOTH
from tests.e2e.websocket import Client as WebSocket
from tests.modules.update.serving import BASE_URL, Workshop
from tests.nats import URL, needs_nats, prefix

pytestmark = needs_nats

LONG = {"SCRIPTED_SENTENCES": 1000, "SCRIPTED_WORD_SECONDS": 0.01, "LEAD_SECONDS": 0.5}
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
START_SECONDS = 60  # of a worker, on a machine that has much other work


def lives(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Workers(Process):
    """A server of two workers."""

    def __init__(self, folder: Path, env: dict[str, str], number: int = 2) -> None:
        bus = {"NATS_URL": URL, "NATS_PREFIX": prefix(), "DRAIN_SECONDS": "5"}
        super().__init__(folder, bus | env, "--workers", str(number))

    def get(self, path: str, token: str | None = None, **headers: str) -> tuple[int, str]:
        asked = urllib.request.Request(f"http://{self.http}{path}", headers=dict(bearer(token)) | headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def status(self) -> dict[str, Any]:
        code, text = self.get("/status")
        assert code == 200
        found: dict[str, Any] = json.loads(text)
        return found

    def not_ready(self) -> list[str]:
        """Why; empty when it is ready."""
        code, text = self.get("/ready")
        told = json.loads(text)
        assert (code == 200) is told["ready"] is (not told["reasons"])
        reasons: list[str] = told["reasons"]
        return reasons

    def workers(self, what: str) -> list[Any]:
        return [one[what] for one in self.status()["workers"]]

    def metrics(self) -> dict[str, dict[str, float]]:
        """Of each figure without further labels its value, by the worker."""
        code, text = self.get("/metrics", accept="application/openmetrics-text")
        assert code == 200
        found: dict[str, dict[str, float]] = {}
        for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
            for sample in family.samples:
                if set(sample.labels) == {"worker"}:
                    found.setdefault(sample.name, {})[sample.labels["worker"]] = sample.value
        return found

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]

    def back(self, worker: int, starts: int) -> Callable[[], bool]:
        """Whether it works again."""
        return lambda: [self.workers(what)[worker - 1] for what in ("state", "starts")] == ["works", starts]

    def close(self) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        super().close()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


Launch = Callable[..., Workers]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    started: list[Workers] = []

    def start(**env: object) -> Workers:
        started.append(Workers(tmp_path, {name: str(value) for name, value in env.items()}))
        return started[-1]

    yield start
    for one in started:
        one.close()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """One for all tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("workers")
    env = LONG | {"UPDATE_BASE_URL": BASE_URL, "UPDATE_DIR": folder / "updates"}
    server = Workers(folder, {name: str(value) for name, value in env.items()})
    yield server
    server.close()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def calling(connect: Any) -> Callable[[Workers], list[Client]]:
    """A client that is connected to the first worker, and one to the second."""

    def both(server: Workers) -> list[Client]:
        found: dict[int, Client] = {}
        for _ in range(40):
            before = opened(server)
            client = connect(server.target)
            grpc.channel_ready_future(client.channel).result(10)
            assert until(partial(has_opened, server, sum(before) + 1), 5)
            after = opened(server)
            worker = next(at for at, number in enumerate(after) if number != before[at])
            if worker in found:
                client.channel.close()
                assert until(partial(has_opened, server, sum(before)), 5)
            found.setdefault(worker, client)
            if len(found) == 2:
                return [found[0], found[1]]
        raise AssertionError("one worker gets no connection")

    return both


def opened(server: Workers) -> list[int]:
    """The connections of each worker."""
    return [told["connections"]["open"] for told in server.workers("status")]


def has_opened(server: Workers, number: int) -> bool:
    return sum(opened(server)) == number


def speaking(answers: list[Reading]) -> bool:
    """Whether each of them goes on."""
    counts = [len(answer.items) for answer in answers]
    return until(
        lambda: all(len(one.items) > count for one, count in zip(answers, counts, strict=True)), 5
    ) and all(answer.status is None for answer in answers)


def end(client: Client, answers: list[Reading], *who: str) -> None:
    for one in who:
        assert client.interrupt(one).success
    for answer in answers:
        assert answer.wait().items[-1][1:] == ("end_message", "interrupted")


def test_two_are_one_server(lasting: Workers) -> None:
    told = lasting.status()
    assert told["ready"] is True
    assert lasting.not_ready() == []
    assert lasting.get("/health")[0] == 200
    assert [one["worker"] for one in told["workers"]] == [1, 2]
    assert [(one["state"], one["starts"]) for one in told["workers"]] == [("works", 1)] * 2
    pids = {one["pid"] for one in told["workers"]}
    assert len(pids | {lasting.process.pid}) == 3
    own = {"grpc": lasting.target, "http": lasting.http, "ws": lasting.ws, "updates": lasting.updates}
    assert told["endpoints"] == own
    assert told["modules"]["grpc_service"] == {"state": "open"}
    assert told["modules"]["interrupt_handling"]["bus"] == "nats"
    figures = lasting.metrics()
    for name in ("nexy_worker_up", "nexy_worker_starts_total", "nexy_ready"):
        assert figures[name] == {"1": 1, "2": 1}, name


def test_both_get_connections(lasting: Workers) -> None:
    before = opened(lasting)
    host, port = lasting.target.split(":")
    sockets = [socket.create_connection((host, int(port))) for _ in range(40)]
    try:
        assert until(lambda: sum(opened(lasting)) == sum(before) + 40, 5)
        each = [now - then for now, then in zip(opened(lasting), before, strict=True)]
        assert min(each) >= 5, each  # once in a million times by chance
    finally:
        for one in sockets:
            one.close()
    assert until(lambda: sum(opened(lasting)) == sum(before), 5)


def test_an_interrupt_stops_an_answer_wherever_it_is(lasting: Workers, calling: Any) -> None:
    clients = calling(lasting)
    for speaker, other in (clients, clients[::-1]):
        for asking in (other, speaker):
            answer = speaker.say(who="anna", session_id="one", timeout=None)
            unharmed = other.say(who="ben", timeout=None)
            assert answer.speaking()
            assert unharmed.speaking()
            began = time.monotonic()
            told = asking.interrupt("anna")
            assert time.monotonic() - began < 1
            assert (told.success, list(told.interrupted_sessions)) == (True, ["one"])
            assert answer.wait(2).items[-1][1:] == ("end_message", "interrupted")
            assert answer.kinds.count("end_message") == 1
            assert not asking.interrupt("anna").success
            assert speaking([unharmed])
            end(speaker, [unharmed], "ben")


def test_one_interrupt_stops_what_a_device_has_on_both(lasting: Workers, calling: Any) -> None:
    clients = calling(lasting)
    answers = [
        client.say(who="anna", session_id=name, timeout=None)
        for client, name in zip(clients, ("one", "two"), strict=True)
    ]
    assert all(answer.speaking() for answer in answers)
    told = clients[0].interrupt("anna")
    assert sorted(told.interrupted_sessions) == ["one", "two"]
    for answer in answers:
        assert answer.wait(2).items[-1][1:] == ("end_message", "interrupted")
    began = time.monotonic()
    assert not clients[0].interrupt("nobody").success
    assert time.monotonic() - began < 0.5


def test_every_line_of_the_log_says_which_worker(lasting: Workers) -> None:
    lines = lasting.logged()
    assert {line.get("worker") for line in lines if line["logger"] == "nexy.bus"} == {"1", "2"}
    assert {line["logger"] for line in lines if "worker" not in line} <= {"nexy.config"}


@pytest.mark.parametrize("subprotocol", BOTH)
def test_websockets(lasting: Workers, pb: Any, subprotocol: str) -> None:
    for _ in range(4):  # at one worker or the other
        with (
            WebSocket(f"ws://{lasting.ws}", pb, subprotocol, hello={"hardware_id": "carl"}) as one,
            WebSocket(f"ws://{lasting.ws}", pb, subprotocol, hello={"hardware_id": "carl"}) as other,
        ):
            one.say("1", stream={"prompt": "Hello"})
            one.hear()
            other.say("2", interrupt={})
            assert one.answer("1")[-2][1] == {"end_message": "interrupted"}


def test_the_page_to_talk_to_it(lasting: Workers) -> None:
    code, text = lasting.get("/")
    assert code == 200
    assert "<html" in text
    assert lasting.get("/console/main.js")[0] == 200
    told = json.loads(lasting.get("/console/config.json")[1])
    assert told["websocket_port"] == int(lasting.ws.rpartition(":")[2])


def test_a_browser_of_this_page_may_connect_and_others_may_not(lasting: Workers, pb: Any) -> None:
    port = lasting.http.rpartition(":")[2]
    WebSocket(f"ws://{lasting.ws}", pb, origin=f"http://127.0.0.1:{port}").__exit__()
    with pytest.raises(Exception, match="403"):
        WebSocket(f"ws://{lasting.ws}", pb, origin="http://127.0.0.1:1")


def test_each_serves_what_is_released(lasting: Workers) -> None:
    data = os.urandom(300_000)
    Workshop(lasting.folder).add("1.0", data)
    for _ in range(8):  # at one worker or the other
        assert until(lambda: fetched(f"http://{lasting.updates}/appcast.xml") != b"", 5)
        assert fetched(f"http://{lasting.updates}/downloads/Nexy-1.0.dmg") == data


def fetched(url: str) -> bytes:
    """Over a connection of its own; nothing where there is nothing."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: bytes = answer.read()
            return found
    except urllib.error.HTTPError as error:
        error.close()
        return b""


def test_one_is_killed_and_the_other_goes_on(launch: Any, calling: Any, connect: Any) -> None:
    server = launch(**LONG)
    first, second = calling(server)
    lost = [first.say(who=f"lost-{at}", timeout=None) for at in range(5)]
    kept = [second.say(who=f"kept-{at}", timeout=None) for at in range(5)]
    assert all(answer.speaking() for answer in lost + kept)
    os.kill(server.workers("pid")[0], signal.SIGKILL)
    for answer in lost:
        assert answer.wait(5).status is UNAVAILABLE
    for at in range(3):  # at once: to the other
        again = connect(server.target).say(who=f"lost-{at}", timeout=None)
        if not again.speaking() and again.status is UNAVAILABLE:
            # the one that was just dying had not accepted it: the system resets it, and a client tries anew
            again = connect(server.target).say(who=f"lost-{at}", timeout=None)
            assert again.speaking(), (again.status, again.details)
        end(second, [again], f"lost-{at}")
    assert server.not_ready() == []
    assert speaking(kept)
    assert until(server.back(1, 2), START_SECONDS)
    figures = server.metrics()
    assert figures["nexy_worker_starts_total"] == {"1": 2, "2": 1}
    assert figures["nexy_worker_up"] == {"1": 1, "2": 1}
    first, _ = calling(server)  # it gets connections again
    assert speaking(kept)
    end(first, kept, *(f"kept-{at}" for at in range(5)))  # and its interrupts arrive
    assert [line["worker"] for line in server.logged() if line["logger"] == "nexy.workers"] == ["1"]
    server.signal()
    assert server.wait(15) == 0


def test_one_that_hangs_is_why_it_is_not_ready(launch: Any) -> None:
    """It still has half of the connections."""
    server = launch()
    pid = server.workers("pid")[1]
    os.kill(pid, signal.SIGSTOP)
    assert server.not_ready() == ["worker 2: it does not answer"]
    told = server.status()
    assert told["ready"] is False
    assert [one["status"] is None for one in told["workers"]] == [False, True]
    assert server.metrics()["nexy_sessions"] == {"1": 0}
    os.kill(pid, signal.SIGCONT)
    assert until(lambda: server.not_ready() == [], 5)


def test_one_that_is_told_to_end_drains_and_is_replaced(launch: Any, calling: Any) -> None:
    server = launch(SCRIPTED_SENTENCES=1, LEAD_SECONDS=1.8)
    first, _ = calling(server)
    answer = first.say(timeout=None)
    assert answer.speaking()
    os.kill(server.workers("pid")[0], signal.SIGTERM)
    assert server.not_ready() == []
    assert answer.wait().of("end_message") == ["completed"]
    assert until(server.back(1, 2), START_SECONDS)


def test_a_signal_drains_all(launch: Any, calling: Any) -> None:
    server = launch(SCRIPTED_SENTENCES=1, LEAD_SECONDS=1.8, DRAIN_SECONDS=20)
    answers = [client.say(timeout=None) for client in calling(server)]
    assert all(answer.speaking() for answer in answers)
    pids = server.workers("pid")
    server.signal()
    assert until(lambda: server.not_ready() == ["the server is closing"], 1)
    assert server.get("/health")[0] == 200
    assert set(server.workers("state")) <= {"closing", "ended"}
    for answer in answers:
        assert answer.wait().of("end_message") == ["completed"]
    assert server.wait(15) == 0
    assert not any(map(lives, pids))


def test_who_could_not_end_in_time_was_told(launch: Any, calling: Any) -> None:
    server = launch(**LONG | {"DRAIN_SECONDS": 0.3})
    answers = [client.say(timeout=None) for client in calling(server)]
    assert all(answer.speaking() for answer in answers)
    server.signal()
    for answer in answers:
        assert answer.wait(5).kinds[-1] == "error_message"
        assert answer.status is UNAVAILABLE
    assert server.wait(15) == 0


def test_a_second_signal_ends_all_at_once(launch: Any, calling: Any) -> None:
    server = launch(**LONG | {"DRAIN_SECONDS": 60})
    answers = [client.say(timeout=None) for client in calling(server)]
    assert all(answer.speaking() for answer in answers)
    pids = server.workers("pid")
    server.signal()
    time.sleep(0.5)
    assert server.process.poll() is None
    began = time.monotonic()
    server.signal(signal.SIGINT)
    assert server.wait(15) == 1
    assert time.monotonic() - began < 5
    for answer in answers:
        assert answer.wait().status is UNAVAILABLE
    assert not any(map(lives, pids))


def test_a_signal_while_one_is_being_started_again(launch: Any) -> None:
    """It had nothing that could be cut off."""
    server = launch()
    os.kill(server.workers("pid")[0], signal.SIGKILL)
    assert until(lambda: server.workers("starts")[0] == 2, 10)
    server.signal()
    assert server.wait(15) == 0


def test_when_the_supervisor_is_killed_the_workers_drain_and_go(launch: Any, calling: Any) -> None:
    server = launch(SCRIPTED_SENTENCES=1, LEAD_SECONDS=1.8)
    answers = [client.say(timeout=None) for client in calling(server)]
    assert all(answer.speaking() for answer in answers)
    pids = server.workers("pid")
    server.process.kill()
    for answer in answers:
        assert answer.wait().of("end_message") == ["completed"]
    assert until(lambda: not any(map(lives, pids)), 10)


def refused(*args: str, **env: str) -> tuple[int, list[str]]:
    """How a server ends that cannot start, and the plain lines that it says."""
    command = [sys.executable, "-m", "nexy", "serve", "--workers", "2", *args]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "NATS_URL": URL,
        "NATS_PREFIX": prefix(),
    } | env
    done = subprocess.run(
        command, env=FAST | env, capture_output=True, text=True, timeout=60, check=False, cwd="/tmp"
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("{")]


def test_without_a_bus_it_says_what_is_needed() -> None:
    status, (line,) = refused(*PORTS, NATS_URL="")
    assert status == 2
    assert line.startswith("nexy: --workers 2 needs NATS_URL, the bus ")


@pytest.mark.parametrize("name", ["--grpc-port", "--ws-port", "--update-port", "--http-port"])
@pytest.mark.parametrize("shared", [False, True])
def test_a_port_that_is_taken_is_told_in_one_line(name: str, shared: bool) -> None:
    with closing(socket.socket()) as other:
        if shared:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = refused(*PORTS, name, str(port))
    assert told == (1, [f"nexy: cannot listen: 127.0.0.1:{port}: Address already in use"])


def test_what_keeps_a_worker_from_starting_is_told_once() -> None:
    """By the first one, which is started alone."""
    status, lines = refused(*PORTS, AUTH="tokens", DATABASE_URL="sqlite:////nonexistent/nexy.db")
    assert status == 1
    assert len(lines) == 1, lines
    assert "secret" in lines[0]


def test_operators_pages_ask_for_a_token(launch: Any, connect: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret of more than thirty-two bytes")
    secret.chmod(0o600)
    server = launch(AUTH="tokens", AUTH_SECRET_FILE=secret)
    seal = Seal(secret.read_bytes())
    operator, anna = (
        seal.sign(new_grant(device, 3600, time.time())) for device in (None, HardwareId("anna"))
    )
    for path in ("/ready", "/health", "/", "/console/main.js"):
        assert server.get(path)[0] == 200, path
    for path in ("/status", "/metrics"):
        assert server.get(path)[0] == 401, path
        assert server.get(path, "nonsense")[0] == 401, path
        assert server.get(path, anna)[0] == 403, path
        assert server.get(path, operator)[0] == 200, path
    client = connect(server.target)
    assert client.say(who="anna", metadata=bearer(anna)).wait().of("end_message") == ["completed"]
    assert client.say(who="anna").wait().status is grpc.StatusCode.UNAUTHENTICATED
    with server.begin("token", "list") as listing:
        listing.communicate(timeout=20)
    os.kill(json.loads(server.get("/status", operator)[1])["workers"][0]["pid"], signal.SIGKILL)
    assert server.get("/status", operator)[0] == 200  # the other one is asked
    assert server.get("/status", anna)[0] == 403


def test_tls(launch: Any, pb: Any, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pem = authority.issue("server")
    server = launch(TLS_CERT_FILE=pem.certificate, TLS_KEY_FILE=pem.key, SCRIPTED_SENTENCES=1)
    context = ssl.create_default_context(cafile=authority.file)
    for path in ("/ready", "/status", "/metrics", "/"):
        url = f"https://localhost:{server.http.rpartition(':')[2]}{path}"
        with urllib.request.urlopen(url, timeout=5, context=context) as response:
            assert response.status == 200
    for _ in range(4):
        client = Encrypted(server, pb, root_certificates=authority.file.read_bytes())
        assert client.say(timeout=10).wait().sound
        client.channel.close()
    with WebSocket(f"wss://localhost:{server.ws.rpartition(':')[2]}", pb, ssl=context) as socket_:
        assert socket_.ask("Hello")
    plain = Client(server.target, pb)
    assert plain.say(timeout=5).wait().status is UNAVAILABLE
    plain.channel.close()


def test_what_was_said_to_one_the_other_knows(launch: Any, calling: Any) -> None:
    server = launch(LLM_PROVIDERS="offline")
    first, second = calling(server)
    first.say("My name is Anna.", who="anna", session_id="s", timeout=None).wait()
    time.sleep(1)  # until it is written
    os.kill(server.workers("pid")[0], signal.SIGKILL)
    again = second.say("What is my name?", who="anna", session_id="s", timeout=None).wait()
    assert "Anna" in again.text


def test_one_worker_needs_no_supervisor(tmp_path: Path, connect: Any) -> None:
    """Also with a bus."""
    server = Workers(tmp_path, {}, 1)
    try:
        assert connect(server.target).say(timeout=None).wait().of("end_message") == ["completed"]
        assert "workers" not in server.status()
        server.signal()
        assert server.wait(10) == 0
    finally:
        server.close()
