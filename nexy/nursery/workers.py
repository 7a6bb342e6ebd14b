"""Worker processes: started, watched, started again when they die, and ended together."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import trio

from nexy.monitoring import logger
from nexy.nursery.control import Control, Gone, Unable

NUMBER = "NEXY_WORKER"  # in a worker's environment: which one it is, from 1
CONTROL = "NEXY_CONTROL_FD"  # and its end of the line to the supervisor
READY = re.compile(rb"^ready (.*)\n", re.MULTILINE)  # its line
READY_SECONDS = 60.0  # for a start
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before each further start of one that keeps dying
LIVED_SECONDS = 60.0  # who lived so long begins with the first of them again
LOOK_SECONDS = 5.0
SILENT_SECONDS = 60.0  # a worker whose loop does not turn for so long is killed
DYING_SECONDS = 0.5
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
    addresses: dict[str, str] = field(default_factory=dict)
    """ "host:port" by name, as it said when it was ready."""
    process: trio.Process | None = None
    control: Control | None = None
    closing: bool = False
    status: int | None = None  # exit status of the last one
    cut_off: bool = False  # it worked when it was told to end, and did not end well
    ended: trio.Event = field(default_factory=trio.Event)  # for good
    _was_ready: bool = False
    _worked: bool = False  # when it was told to end
    _told: trio.Event = field(default_factory=trio.Event)  # to end

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
        while not self.closing:
            began = trio.current_time()
            await self._run(task_status)
            if self.closing:
                break
            if not self._was_ready:
                raise CannotStart
            failures = 0 if trio.current_time() - began > LIVED_SECONDS else failures
            seconds = WAITS[min(failures, len(WAITS) - 1)]
            failures += 1
            log.warning(
                "a worker ended; it is started again",
                worker=str(self.number),
                status=self.status,
                seconds=seconds,
            )
            with trio.move_on_after(seconds):
                await self._told.wait()

    async def _run(self, task_status: trio.TaskStatus[None]) -> None:
        """Once, from its start to its end."""
        try:
            process, control = await self._open()
        except OSError as error:  # the machine has no room for one more, just now
            log.warning("a worker cannot be started", worker=str(self.number), error=error.strerror)
            return
        self.process, self.control = process, control
        self.starts += 1
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(control.run, _nothing)
                nursery.start_soon(self._hear, process, task_status)
                nursery.start_soon(self._watch, process, control)
                if self.closing:  # it was told while the process was made
                    process.terminate()
                await process.wait()
                nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                await self._clear(process, control)

    async def _open(self) -> tuple[trio.Process, Control]:
        """Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as opening:
            opening.enter_context(ours)
            process = await trio.lowlevel.open_process(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=os.environ | {NUMBER: str(self.number), CONTROL: str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the supervisor: it tells them
            )
            opening.pop_all()
        return process, Control(ours)

    async def _clear(self, process: trio.Process, control: Control) -> None:
        """Have nothing left of it."""
        if process.returncode is None:
            process.kill()
        self.status = await process.wait()
        self.cut_off = self._worked and self.status != 0
        self.ready = False
        await control.aclose()
        if process.stdout is not None:
            await process.stdout.aclose()

    async def _hear(self, process: trio.Process, task_status: trio.TaskStatus[None]) -> None:
        """Its line, by which it is ready; what else it says there is for nobody."""
        words = cast("trio.abc.ReceiveStream", process.stdout)
        with trio.move_on_after(READY_SECONDS) as patience:
            self.addresses = await _addresses(words)
        if patience.cancelled_caught:
            log.error("a worker was not ready in time", worker=str(self.number))
            process.kill()
            return
        self.ready = True
        if not self._was_ready:
            self._was_ready = True
            task_status.started()
        while await words.receive_some():  # or it would wait for us once the pipe is full
            pass

    async def _watch(self, process: trio.Process, control: Control) -> None:
        """End one that does not answer: its clients go elsewhere, and it is started again."""
        while True:
            await trio.sleep(LOOK_SECONDS)
            if not self.ready:
                continue
            try:
                with suppress(Unable):  # it lives, and so do its answers to clients
                    await control.ask({"what": "reasons"}, SILENT_SECONDS)
            except Gone:
                break
        await trio.sleep(DYING_SECONDS)  # it may just have ended, and that is seen first at its line
        if not self.closing:
            log.error("a worker does not answer and is ended", worker=str(self.number))
            process.kill()

    def end(self) -> None:
        """Tell it to drain; told once more, to end at once."""
        if not self.closing:
            self._worked = self.ready and self.pid is not None  # one that just died was not cut off by us
        self.closing = True
        self._told.set()
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)


async def _addresses(words: trio.abc.ReceiveStream) -> dict[str, str]:
    """ "host:port" by name, of the line that says that all of them answer."""
    said = bytearray()
    while not (found := READY.search(said)):
        piece = await words.receive_some()
        if not piece:
            await trio.sleep_forever()  # it ends, or can never be ready
        said += piece
    parts = found[1].decode(errors="replace").split()
    return dict(part.split("=", 1) for part in parts if "=" in part)


async def _nothing(_: Mapping[str, Any]) -> None:
    """A worker asks nothing."""
