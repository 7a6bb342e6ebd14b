"""Two nodes behind the balancers of deploy/, as they are configured there."""

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.deploy.balancers import Balancer, Device, Envoy, Nginx
from tests.deploy.files import PORTS
from tests.e2e.conftest import Reading, pb, until
from tests.e2e.test_process import Process

__all__ = ["pb"]
ANSWERS = {  # 240 words: 0.5 s until the model has said them, and 48 s of sound
    "SCRIPTED_SENTENCES": "20",
    "SCRIPTED_WORD_SECONDS": "0.002",
    "LEAD_SECONDS": "1",
}
Start = Callable[..., Balancer]


@pytest.fixture(scope="module")
def starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a balancer, before nodes that are there or two new ones."""
    opened: list[Any] = []

    def started(kind: type[Balancer], nodes: list[Process] | None = None, **env: str) -> Balancer:
        folder = tmp_path_factory.mktemp("balancing")
        if nodes is None:
            nodes = []
            for name in ("one", "two"):
                (folder / name).mkdir()
                nodes.append(Process(folder / name, ANSWERS | env))
                opened.append(nodes[-1])
        opened.append(kind(folder / "balancer", nodes))
        return opened[-1]  # type: ignore[no-any-return]

    yield started
    for one in reversed(opened):
        one.close()


@pytest.fixture(scope="module")
def envoy(starting: Start) -> Balancer:
    """Before the nodes that most tests share."""
    return starting(Envoy)


@pytest.fixture(scope="module")
def nginx(starting: Start, envoy: Balancer) -> Balancer:
    """Before the same nodes."""
    return starting(Nginx, list(envoy.nodes))


@pytest.fixture(params=["envoy", "nginx"])
def balancer(request: pytest.FixtureRequest) -> Balancer:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def metric(node: Process, name: str) -> float:
    """The sum of all samples of a node's metric."""
    with urllib.request.urlopen(f"http://{node.http}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def token(number: int) -> tuple[tuple[str, str]]:
    """What a device shows; the nodes here ask for none, and the balancers look at it all the same."""
    return (("authorization", f"Bearer of device {number}"),)


def ask(device: Device, number: int, **more: Any) -> Reading:
    return device.say(who=f"device-{number}", metadata=token(number), **more)


def hear(answers: Iterable[Reading]) -> None:
    """Each is heard, and ends as it should."""
    for answer in answers:
        answer.wait(60)
        assert answer.status is grpc.StatusCode.OK, (answer.details, answer.of("error_message"))
        assert answer.sound
        assert len(answer.of("end_message")) == 1


def test_a_device_comes_to_the_same_node_with_every_call(balancer: Balancer, pb: SimpleNamespace) -> None:
    devices = [
        Device(balancer, pb) for _ in range(2)
    ]  # two connections: it is not the connection that decides
    with Told(balancer.nodes[0]) as first, Told(balancer.nodes[1]) as second:
        for number in range(16):
            part = {"session_id": f"session-{number}", "chunk_text": "Hello"}
            kept = ask(devices[0], number, phase=1, chunk_seq=1, prompt="", **part).wait()
            assert kept.of("end_message") == ["COLLECT_ACCEPTED"]
        answers = [
            ask(devices[1], number, phase=2, prompt="", session_id=f"session-{number}")
            for number in range(16)
        ]
        hear(answers)
    assert first.turns + second.turns == 16
    assert first.turns
    assert second.turns


def test_interrupts_and_clients_that_hang_up_are_noticed_at_once(
    balancer: Balancer, pb: SimpleNamespace
) -> None:
    device = Device(balancer, pb)
    answer = ask(device, 1, timeout=None)
    assert answer.speaking()
    stop = device.stub.InterruptSession
    assert stop(pb.InterruptRequest(hardware_id="device-1"), metadata=token(1), timeout=5).success
    assert answer.wait().of("end_message") == ["interrupted"]
    assert answer.status is grpc.StatusCode.OK
    left = ask(device, 1, timeout=None)
    assert left.speaking()
    left.call.cancel()
    assert until(lambda: not sum(metric(node, "nexy_active_requests") for node in balancer.nodes), 3)


def test_a_long_answer_is_paced_by_nexy_and_a_deadline_comes_through(
    balancer: Balancer, pb: SimpleNamespace
) -> None:
    device = Device(balancer, pb)
    fast = ask(device, 1, timeout=30)  # with a deadline nothing is held back
    slow = ask(device, 2, timeout=None)
    hear([fast])
    assert time.monotonic() - fast.began < 10
    assert slow.speaking()
    assert len(slow.sound) < len(fast.sound) / 2
    late = ask(device, 3, timeout=0.2).wait()
    assert late.status is grpc.StatusCode.DEADLINE_EXCEEDED
    slow.call.cancel()


def test_what_is_too_large_is_refused_by_nexy_and_not_on_the_way(
    balancer: Balancer, pb: SimpleNamespace
) -> None:
    answer = ask(Device(balancer, pb), 1, screenshot="A" * (20 << 20)).wait(20)
    assert answer.status is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.of("error_message")


def test_websockets_and_updates_come_through(balancer: Balancer) -> None:
    ws = f"wss://localhost:{balancer.ports[PORTS['WEBSOCKET_PORT']]}"
    with connect(ws, ssl=balancer.trusting, subprotocols=[Subprotocol("nexy.v1.json")]) as client:
        client.send(json.dumps({"turn": "0", "hello": {"hardware_id": "device"}}))
        assert "ready" in json.loads(client.recv(timeout=5))
    updates = f"https://localhost:{balancer.ports[PORTS['UPDATE_PORT']]}/health"
    with urllib.request.urlopen(updates, timeout=5, context=balancer.trusting) as answer:
        assert answer.status == 200


def test_when_no_node_is_ready_the_user_is_told_aloud(envoy: Envoy, pb: SimpleNamespace) -> None:
    switch(envoy, "off")
    try:
        assert until(lambda: not envoy.healthy(), 5)
        answer = ask(Device(envoy, pb), 1).wait(20)
        assert answer.sound  # an apology
        assert answer.of("error_message")
    finally:
        switch(envoy, "on")
    assert until(envoy.ready, 5)


def switch(balancer: Balancer, state: str) -> None:
    """Take the model of all nodes out, or put it back."""
    for node in balancer.nodes:
        with node.begin("provider", state, "scripted", "--server", node.target) as switching:
            assert switching.wait(20) == 0


@pytest.mark.parametrize("kind", [Envoy, Nginx])
def test_a_node_that_dies_is_done_without(starting: Start, pb: SimpleNamespace, kind: type[Balancer]) -> None:
    balancer = starting(kind)
    device = Device(balancer, pb)
    hear(ask(device, number) for number in range(8))
    balancer.nodes[0].signal(signal.SIGKILL)
    balancer.nodes[0].wait()
    hear(ask(device, number) for number in range(8))  # at once: no node has seen the call


def test_a_node_that_drains_ends_its_answers_and_gets_no_more(starting: Start, pb: SimpleNamespace) -> None:
    balancer = starting(Envoy, SCRIPTED_SENTENCES="20", SCRIPTED_WORD_SECONDS="0.04")  # 9.6 s
    assert isinstance(balancer, Envoy)
    device = Device(balancer, pb)
    running = [ask(device, number, timeout=60) for number in range(16)]
    assert all(one.speaking() for one in running)
    went, stays = balancer.nodes
    assert 0 < metric(went, "nexy_active_requests") < 16
    went.signal()
    assert until(lambda: set(balancer.healthy()) == {stays.target}, 5)
    with Told(stays) as told:
        more = [ask(device, number + 100, timeout=60) for number in range(8)]
        hear(running + more)
    assert told.turns >= 8
    assert went.wait(40) == 0


class Told:
    """How many turns a node had in the meantime."""

    def __init__(self, node: Process) -> None:
        self._node = node

    def __enter__(self) -> "Told":
        self._before = metric(self._node, "nexy_turns_total")
        return self

    def __exit__(self, *_: object) -> None:
        self.turns = metric(self._node, "nexy_turns_total") - self._before


def test_envoy_takes_a_renewed_certificate_at_once(envoy: Envoy) -> None:
    before = envoy.certificate()
    envoy.certify()
    assert until(lambda: envoy.certificate() != before, 5)


def test_envoy_shows_only_what_probes_and_prometheus_need(envoy: Envoy) -> None:
    operators = f"http://127.0.0.1:{envoy.operators}"
    with urllib.request.urlopen(f"{operators}/ready", timeout=5) as answer:
        assert answer.read() == b"LIVE\n"
    with urllib.request.urlopen(f"{operators}/stats/prometheus", timeout=5) as answer:
        assert b"envoy_cluster_upstream_rq" in answer.read()
    for path in ("/config_dump", "/quitquitquit", "/ready/../config_dump"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(operators + path, timeout=5)
