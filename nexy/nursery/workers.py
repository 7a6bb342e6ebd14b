"""Worker processes: started, watched, started again when they die, and ended together."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import trio

from nexy.monitoring import logger
from nexy.nursery.control import Control, Gone

NUMBER = "NEXY_WORKER"  # in a worker's environment: which one it is, from 1
CONTROL = "NEXY_CONTROL_FD"  # and its end of the line to the supervisor
READY_SECONDS = 60.0  # for a start
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before each further start of one that keeps dying
LIVED_SECONDS = 60.0  # who lived so long begins with the first of them again
LOOK_SECONDS = 5.0
SILENT_SECONDS = 60.0  # a worker whose loop does not turn for so long is killed
LAST_SECONDS = 3.0  # after the second signal

log = logger("nexy.workers")


class CannotStart(Exception):
    """A worker ended before it was ever ready: it would do so again."""


@dataclass(eq=False)
class Worker:
    """One of them."""

    number: int
    command: Sequence[str]
    starts: int = 0
    ready: bool = False
    addresses: dict[str, str] = field(
        default_factory=dict
    )  # "host:port" by name, as it said when it was ready
    process: trio.Process | None = None
    control: Control | None = None
    closing: bool = False
    status: int | None = None  # exit status of the last one
    ended: trio.Event = field(default_factory=trio.Event)  # for good
    _waiting: trio.CancelScope = field(default_factory=trio.CancelScope)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.returncode is None else None

    @property
    def state(self) -> str:
        if self.closing:
            return "closing" if self.pid else "ended"
        if self.pid is None:
            return "waits to be started again"
        return "works" if self.ready else "starts"

    async def ask(self, what: str, seconds: float, **facts: Any) -> Any:
        """Raises Gone."""
        if self.control is None or not self.ready:
            raise Gone
        return await self.control.ask({"what": what, **facts}, seconds)

    async def keep(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Have it run until it is told to end; begun once it is ready. Raises CannotStart."""
        try:
            await self._keep(task_status)
        finally:
            self.ended.set()

    async def _keep(self, task_status: trio.TaskStatus[None]) -> None:
        failures = 0
        was_ready = False
        while not self.closing:
            began = trio.current_time()
            ready = trio.Event()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._run, ready)
                if not was_ready:
                    nursery.start_soon(self._tell_ready, ready, task_status)
            was_ready = was_ready or ready.is_set()
            if self.closing:
                break
            if not was_ready:
                raise CannotStart
            failures = 0 if trio.current_time() - began > LIVED_SECONDS else failures
            seconds = WAITS[min(failures, len(WAITS) - 1)]
            failures += 1
            log.warning(
                "a worker ended; it is started again", worker=self.number, status=self.status, seconds=seconds
            )
            with self._waiting:
                await trio.sleep(seconds)

    async def _tell_ready(self, ready: trio.Event, task_status: trio.TaskStatus[None]) -> None:
        await ready.wait()
        if self.ready:
            task_status.started()

    async def _run(self, ready: trio.Event) -> None:
        """Once, from its start to its end."""
        ours, theirs = socket.socketpair()
        with theirs:
            environment = os.environ | {NUMBER: str(self.number), CONTROL: str(theirs.fileno())}
            self.process = process = await trio.lowlevel.open_process(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the supervisor: it tells them
            )
        self.starts += 1
        self.control = control = Control(ours)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(partial(control.run, _nothing))
                nursery.start_soon(self._hear, process, ready)
                nursery.start_soon(self._watch, process, control)
                self.status = await process.wait()
                nursery.cancel_scope.cancel()
        finally:
            self.ready = False
            if process.returncode is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await control.aclose()
                self.status = await process.wait()
                ready.set()

    async def _hear(self, process: trio.Process, ready: trio.Event) -> None:
        """Its one line, and its end."""
        said, words = bytearray(), cast("trio.abc.ReceiveStream", process.stdout)
        with trio.move_on_after(READY_SECONDS) as patience:
            while not said.endswith(b"\n"):
                piece = await words.receive_some()
                if not piece:
                    return
                said += piece
        if patience.cancelled_caught:
            log.error("a worker was not ready in time", worker=self.number)
            process.kill()
            return
        self.addresses = dict(part.split("=", 1) for part in said.decode().split() if "=" in part)
        self.ready = True
        ready.set()

    async def _watch(self, process: trio.Process, control: Control) -> None:
        """End one that does not answer: its clients go elsewhere, and it is started again."""
        while True:
            await trio.sleep(LOOK_SECONDS)
            if not self.ready:
                continue
            try:
                await control.ask({"what": "reasons"}, SILENT_SECONDS)
            except Gone:
                break
        if process.returncode is None and not self.closing:
            log.error("a worker does not answer and is ended", worker=self.number)
            process.kill()

    def end(self) -> None:
        """Tell it to drain; told once more, to end at once."""
        self.closing = True
        self._waiting.cancel()
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)


async def _nothing(_: Mapping[str, Any]) -> None:
    """A worker asks nothing."""
