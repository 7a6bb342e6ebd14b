"""What stands behind the RPCs, as they see it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol, TypeAlias

from nexy.errors import Forbidden, Refused
from nexy.nursery.session import Ended
from nexy.types import (
    AudioChunk,
    Caller,
    Forgotten,
    HardwareId,
    SendReply,
    SessionId,
    Sound,
    Stopped,
    Timing,
    Utterance,
)

Read: TypeAlias = Callable[[], Awaitable[Utterance]]
"""Reads a request once it is let in: its screenshot is decoded only then. Raises BadRequest."""


class Greeting(Protocol):
    """A greeting's sound, whole."""

    @property
    def method(self) -> str: ...
    @property
    def rate(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def sounds(self) -> tuple[Sound, ...]: ...


class Back(Protocol):
    """What stands behind the RPCs."""

    def caller(self, authorization: str | None, address: str) -> Caller:
        """Who calls from the host `address`, with that header. Raises Unauthenticated or StorageError."""
        ...

    def forbidden(self, reason: str) -> Forbidden:
        """The error to raise for a caller who may not do this; it is counted."""
        ...

    def check_hardware_id(self, given: str) -> HardwareId:
        """Raises BadRequest for an id that names no device."""
        ...

    def check_session_id(self, given: str) -> SessionId | None:
        """None when there is none. Raises BadRequest for one that cannot be, or that must not be missing."""
        ...

    def turn(
        self, who: HardwareId, asked: SessionId | None, read: Read, reply: SendReply, timing: Timing
    ) -> AbstractAsyncContextManager[Ended]:
        """Let in a request, read it, answer it; yields how it ended. Raises BadRequest or Refused."""
        ...

    def turn_away(self, authorization: str | None) -> tuple[Refused, Sequence[AudioChunk]] | None:
        """Why a request for an answer is refused before it is read, and what its user hears.

        None when it is to be read, or who calls is nobody who would be let in.
        """
        ...

    def tones(self) -> Sequence[AudioChunk]:
        """What is heard where there are no words."""
        ...

    async def say_refused(self, error: Exception, prompt: str, reply: SendReply) -> None:
        """Say to a user who only listens, in the language of `prompt`, that there is no answer."""
        ...

    def counted(self, who: HardwareId) -> AbstractContextManager[None]:
        """Count a request that asks for no answer. Raises Refused."""
        ...

    async def collect(self, said: Utterance, number: int) -> None:
        """Keep a part of what is still being said. Raises BadRequest or Refused."""
        ...

    async def interrupt(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        """Stop every answer of `who`; the sessions that were stopped.

        `played_seconds` of the newest answer's sound were heard, where the client knows.
        """
        ...

    def greet(
        self,
        asked: tuple[str, str, str],
        deliver: Callable[[Greeting], Awaitable[None]],
        timing: Timing,
        who: HardwareId | None,
    ) -> AbstractAsyncContextManager[Ended]:
        """Have (text, voice, language) said and delivered; yields how it ended. Raises Refused.

        `who` asks, where a token says so.
        """
        ...

    async def add_usage(self, who: HardwareId, source: str, model: str, tokens: tuple[int, int]) -> None:
        """Count what a client has used, (input, output). Raises StorageError."""
        ...

    async def export(self, who: HardwareId) -> str:
        """All that is stored of a user, as JSON. Raises StorageError."""
        ...

    async def forget(self, who: HardwareId) -> Forgotten:
        """Delete all that is stored of a user; how many rows there were. Raises StorageError."""
        ...
