"""Several workers as one server: the composition root of the process that starts them and speaks for them."""

import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.types import ASGIApp

from nexy import __version__
from nexy.config import Config
from nexy.integrations import aggregate
from nexy.integrations.console import console_address, console_routes
from nexy.integrations.doorkeeping import OPEN_PATHS, Refusal, checked
from nexy.integrations.encryption import open_tls
from nexy.integrations.hosts import known_by_name
from nexy.integrations.http_connections import HttpListener, serve_http
from nexy.integrations.updates import folder_of
from nexy.integrations.web import site
from nexy.nursery.control import Gone
from nexy.nursery.listening import kept, reserve
from nexy.nursery.shutdown import Drained, run_until_told
from nexy.nursery.workers import LAST_SECONDS, CannotStart, Worker

ASK_SECONDS = 2.0  # for what a worker says of itself; one that is late is left out
GRACE_SECONDS = 5.0  # beyond DRAIN_SECONDS, for workers that write what is left and go

__all__ = ["CannotStart", "Supervisor", "serve"]


@dataclass(frozen=True)
class Supervisor:
    """All workers of this machine, and the one port that is the supervisor's own."""

    config: Config
    workers: Sequence[Worker]
    endpoints: dict[str, str] = field(default_factory=dict)  # "host:port" by name, filled as they open
    began: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        names = [name for name in ("grpc", "http", "ws", "updates") if name in self.endpoints]
        return " ".join(f"{name}={self.endpoints[name]}" for name in names)

    @property
    def console(self) -> str:
        """Where people on this machine find the page to talk to it."""
        return console_address(self.config, self.endpoints["http"])

    @property
    def closing(self) -> bool:
        return any(worker.closing for worker in self.workers)

    async def drain(self) -> None:
        """Tell all workers to; returns when all have ended."""
        for worker in self.workers:
            worker.end()
        for worker in self.workers:
            await worker.ended.wait()

    async def ask(self, what: str) -> dict[int, Any]:
        """What each worker answers that listens, by its number."""
        told: dict[int, Any] = {}

        async def one(worker: Worker) -> None:
            with suppress(Gone):
                told[worker.number] = await worker.ask(what, ASK_SECONDS)

        async with trio.open_nursery() as nursery:
            for worker in self.workers:
                nursery.start_soon(one, worker)
        return told

    async def reasons(self) -> list[str]:
        told = await self.ask("reasons")
        silent = {
            worker.number: ["it does not answer"]
            for worker in self.workers
            if worker.number not in told and worker.state == "works"
        }
        return aggregate.reasons(told | silent, len(self.workers), closing=self.closing)

    async def status(self) -> dict[str, Any]:
        """All of it, as /status shows it."""
        told = await self.ask("status")
        return {
            "service": "nexy",
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self.began, 1),
            "ready": not await self.reasons(),
            **aggregate.status(told),
            "endpoints": self.endpoints,
            "workers": [
                {
                    "worker": worker.number,
                    "pid": worker.pid,
                    "state": worker.state,
                    "starts": worker.starts,
                    "status": told.get(worker.number),
                }
                for worker in self.workers
            ],
        }

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        told = await self.ask("metrics")
        return aggregate.metrics(told, [*self._own(), self._silent(told)], accept)

    def _silent(self, told: Collection[int]) -> Metric:
        """Of workers whose clients wait in vain, what they cannot tell themselves."""
        ready = GaugeMetricFamily("nexy_ready", "1 when an answer can be given.", labels=["worker"])
        for worker in self.workers:
            if worker.number not in told and (worker.state == "works" or not told):
                ready.add_metric([str(worker.number)], 0)
        return ready

    def _own(self) -> list[Metric]:
        works = GaugeMetricFamily("nexy_worker_up", "1 while the worker listens.", labels=["worker"])
        starts = CounterMetricFamily("nexy_worker_starts", "How often it was started.", labels=["worker"])
        for worker in self.workers:
            works.add_metric([str(worker.number)], worker.state == "works")
            starts.add_metric([str(worker.number)], worker.starts)
        return [works, starts]

    async def check(self, authorization: str | None, host: str) -> Refusal | None:
        """Whether a caller may see the pages of operators: the workers know who was let in."""
        for worker in self.workers:
            try:
                told = await worker.ask("door", ASK_SECONDS, authorization=authorization, host=host)
            except Gone:
                continue
            return None if told is None else Refusal(**told)
        return Refusal(503, {"error": "no worker is there to ask who may come in"}, {"retry-after": "2"})


def program() -> list[str]:
    """How a worker is run, of the same code as this process.

    Python looks first in the working directory for what `-m` names, where anything may lie by then: -P
    forbids it, unless our own code is there.
    """
    safely = [] if Path.cwd() == Path(__file__).resolve().parents[1] else ["-P"]
    return [sys.executable, *safely, "-m", "nexy"]


@asynccontextmanager
async def _ports(config: Config) -> AsyncIterator[dict[str, int]]:
    """What the workers are to listen on, kept for them. Raises OSError when one is taken."""
    server = config.server
    wanted = {"grpc": server.grpc_port}
    if server.websocket_port is not None:
        wanted["ws"] = server.websocket_port
    if folder_of(config.updates) is not None:
        wanted["update"] = config.updates.update_port
    ports: dict[str, int] = {}
    async with AsyncExitStack() as stack:
        for name, port in wanted.items():
            sockets, ports[name] = await reserve(server.grpc_host, port)
            stack.enter_context(kept(sockets))
        yield ports


@asynccontextmanager
async def _pages(supervisor: Supervisor, tls: ssl.SSLContext | None) -> AsyncIterator[HttpListener]:
    config = supervisor.config
    console = console_routes(config, supervisor.endpoints)
    pages: ASGIApp = site(supervisor.status, supervisor.reasons, supervisor.metrics, console)
    if config.security.auth == "tokens":
        pages = checked(pages, supervisor.check, OPEN_PATHS | {route.path for route in console})
    named = known_by_name(pages, config.server.grpc_host, config.server.websocket_origins)
    async with serve_http(named, config.server.grpc_host, config.server.http_port, tls) as listener:
        yield listener


async def serve(config: Config, number: int, say: Callable[[Supervisor], None]) -> Drained:
    """Serve with so many workers until a signal comes; `say` is told once all of them listen.

    The first worker is started alone: what keeps it from starting keeps all from it, and the database is
    made or changed by one. Raises CannotStart, whose reason the worker has said; OSError for a taken port.
    """
    async with _ports(config) as ports, open_tls(config.security) as tls:
        workers: list[Worker] = []
        supervisor = Supervisor(config, workers)
        async with _pages(supervisor, tls.http) as http:
            command = [*program(), "serve", "--host", config.server.grpc_host]
            for name, port in (ports | {"http": http.port}).items():
                command += [f"--{name}-port", str(port)]
            workers += [Worker(one + 1, command) for one in range(number)]
            async with trio.open_nursery() as nursery:
                first, *others = workers
                await nursery.start(first.keep)
                async with trio.open_nursery() as starting:
                    for worker in others:
                        starting.start_soon(nursery.start, worker.keep)
                supervisor.endpoints.update(first.addresses | {"http": http.address})
                seconds = config.server.drain_seconds + GRACE_SECONDS
                drained = await run_until_told(supervisor.drain, seconds, lambda: say(supervisor))
                if drained is not Drained.WELL:
                    await _end_now(supervisor)
                nursery.cancel_scope.cancel()
            return Drained.CUT_OFF if any(worker.cut_off for worker in workers) else drained


async def _end_now(supervisor: Supervisor) -> None:
    """A second signal for all of them; who does not go then is killed when the nursery is left."""
    with trio.move_on_after(LAST_SECONDS):
        await supervisor.drain()
