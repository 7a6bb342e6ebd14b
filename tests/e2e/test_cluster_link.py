"""The link between a node and the bus is cut: two network namespaces, and what is between them."""

import asyncio
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.e2e.cluster import (
    ROOMY,
    Answer,
    Node,
    User,
    all_of,
    named,
    needs_nats,
    run,
    speaking,
    until,
    users,
)
from tests.nats import needed

pytestmark = needs_nats
CUT_SECONDS = 8  # more than what was sent may wait for the link to be back


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Between:
    """A namespace for the node and one for the bus, with a link between them; and one for users."""

    tag: str
    net: str  # the first bytes of all addresses

    @property
    def node(self) -> str:
        return f"nexy-node-{self.tag}"

    @property
    def bus(self) -> str:
        return f"nexy-bus-{self.tag}"

    def make(self) -> None:
        for name in (self.node, self.bus):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        self._join((self.node, f"{self.net}.1.1"), (self.bus, f"{self.net}.1.2"), "b")
        self._join((self.node, f"{self.net}.2.1"), ("", f"{self.net}.2.2"), "u")

    def _join(self, one: tuple[str, str], other: tuple[str, str], name: str) -> None:
        ends = [f"{name}{side}{self.tag}" for side in (0, 1)]
        ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for end, (space, address) in zip(ends, (one, other), strict=True):
            inside = ("-n", space) if space else ()
            if space:
                ip("link", "set", end, "netns", space)
            ip(*inside, "addr", "add", f"{address}/30", "dev", end)
            ip(*inside, "link", "set", end, "up")

    def cut(self) -> None:
        ip("-n", self.bus, "link", "set", f"b1{self.tag}", "down")

    def mend(self) -> None:
        ip("-n", self.bus, "link", "set", f"b1{self.tag}", "up")

    def remove(self) -> None:
        """With the namespaces their ends of the links go, and with those the other ends."""
        for name in (self.node, self.bus):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", f"u1{self.tag}"], check=False, capture_output=True)


@pytest.fixture
def between() -> Iterator[Between]:
    needed("ip")
    if os.getuid():
        pytest.skip("network namespaces need root")
    made = Between(secrets.token_hex(3), f"10.{200 + secrets.randbelow(50)}")
    try:
        try:
            made.make()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespace can be made here: {error.stderr.decode().strip()}")
        yield made
    finally:
        made.remove()


@pytest.fixture
def node(between: Between, tmp_path: Path) -> Iterator[Node]:
    needed("nats-server")
    with ExitStack() as stack:
        address = f"{between.net}.1.2"
        command = ["nats-server", "-js", "-a", address, "-p", "4222", "-sd", str(tmp_path / "nats")]
        inside = ("ip", "netns", "exec")
        bus = stack.enter_context(
            subprocess.Popen(
                [*inside, between.bus, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        stack.callback(bus.kill)
        env = {
            "NATS_URL": f"nats://{address}:4222",
            "GRPC_HOST": f"{between.net}.2.1",
            "ALLOW_INSECURE": "true",
            "MAX_REQUESTS_PER_USER": "3",
        }
        made = Node(tmp_path / "node", ROOMY | env, under=[*inside, between.node])
        stack.callback(made.close)
        yield made
    assert "Traceback" not in (tmp_path / "node" / "log").read_text()


def test_the_link_to_the_bus_is_cut(between: Between, node: Node, pb: SimpleNamespace) -> None:
    async def go_on(answers: list[Answer]) -> None:
        before = [answer.sound_bytes for answer in answers]
        await asyncio.sleep(3)  # a sentence is one piece of sound, of two seconds
        assert all(answer.sound_bytes > had for answer, had in zip(answers, before, strict=True))

    async def stop_all(crowd: list[User], answers: list[Answer]) -> None:
        """Each over the own connection: what runs there does not wait for the bus."""
        asked = [asyncio.create_task(user.stop()) for user in crowd]
        async with asyncio.timeout(1):
            await all_of([answer.ended_by("interrupted") for answer in answers])
        assert await asyncio.gather(*asked) == [[user.session] for user in crowd]

    async def day() -> None:
        async with (
            users(pb, named(16, "steady"), [node]) as steady,
            users(pb, named(10, "impatient"), [node]) as impatient,
            users(pb, named(16, "door"), [node]) as doors,
        ):
            await until(node.is_in_company)
            answers, others = await speaking(steady), await speaking(impatient)
            loop = asyncio.get_running_loop()
            between.cut()
            back_at = loop.time() + CUT_SECONDS
            await stop_all(impatient, others)
            # Asked while nobody hears it: who is at the same worker is stopped, and nobody later.
            late = await all_of([door.stop(user) for door, user in zip(doors, steady, strict=True)])
            answers = [answer for answer, stopped in zip(answers, late, strict=True) if not stopped]
            again = await speaking(impatient)
            await go_on(answers)
            await until(node.is_alone)
            await asyncio.sleep(back_at - loop.time())
            between.mend()
            await until(node.is_in_company)
            await go_on(answers + again)
            for number, user in enumerate(impatient):
                assert await doors[number % len(doors)].stop(user) == [user.session]
            await all_of([answer.ended_by("interrupted") for answer in again])
            await go_on(answers)

    run(day())
