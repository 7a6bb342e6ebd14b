"""`nexy provider off` at one of several processes, with a real NATS: it holds in all of them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import until
from tests.e2e.test_workers import START_SECONDS, Workers
from tests.nats import NatsServer, nats_server, needs_nats

pytestmark = needs_nats
TWO = {"LLM_PROVIDERS": "scripted,offline"}


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path / "nats") as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, bus: NatsServer) -> Iterator[Workers]:
    made = Workers(tmp_path, TWO | {"NATS_URL": bus.url})
    yield made
    made.close()
    assert "Traceback" not in (tmp_path / "log").read_text()


def provider(server: Workers, state: str) -> str:
    """What `nexy provider STATE scripted` says of who did it."""
    with server.begin("provider", state, "scripted", "--server", server.target) as command:
        out, err = command.communicate(timeout=30)
    assert command.returncode == 0, err
    lines: list[str] = [line for line in out.splitlines() if line.startswith("scripted\t")]
    assert lines == [f"scripted\tmodel\t{'off' if state == 'off' else 'closed'}"]
    told: str = err
    return told


def states(server: Workers) -> list[str]:
    """Of the model at each worker."""
    told = [one["modules"]["text_processing"] for one in server.workers("status") if one]
    return [one["providers"]["scripted"] for one in told]


def away(server: Workers) -> bool:
    """Whether all workers know that they have no bus."""
    told = [one["modules"]["interrupt_handling"]["bus"] for one in server.workers("status") if one]
    return told == ["nats, away"] * 2


def test_it_is_off_in_all_workers_and_in_one_that_is_started_again(server: Workers, bus: NatsServer) -> None:
    assert provider(server, "off") == "done by 2 processes\n"
    assert states(server) == ["off", "off"]
    for worker in (1, 2):
        os.kill(server.workers("pid")[worker - 1], signal.SIGKILL)
        assert until(server.back(worker, 2), START_SECONDS)
        assert states(server) == ["off", "off"]
    assert provider(server, "on") == "done by 2 processes\n"
    assert states(server) == ["closed", "closed"]
    bus.kill()
    assert until(lambda: away(server), 30)
    assert provider(server, "off").startswith("the bus is away: only this process did it")
    assert sorted(states(server)) == ["closed", "off"]
    bus.start()
    assert until(lambda: states(server) == ["off", "off"], 30)
