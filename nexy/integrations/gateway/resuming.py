"""How a client whose connection dropped goes on with its session: by a token.

It works until something was asked on the connection that began with it: its client may lose that one before
it is told the next token.
"""

import math
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import trio

from nexy.types import HardwareId, SessionId

RESUME_SECONDS = 30.0  # after the drop
TOKEN_BYTES = 16  # nobody guesses it


@dataclass(slots=True)
class Ticket:
    """Whose a token is."""

    who: HardwareId
    session: SessionId
    drop: Callable[[], None]  # the connection that it was given to, when that is there still
    until: float = math.inf  # trio.current_time() seconds
    after: str = ""  # the token with which this one's connection began
    next: str = ""  # the token of the connection that began with this one


class Resuming:
    """The tokens of the connections that are open, or were 30 s ago."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._ending: deque[tuple[float, str]] = deque()  # of connections that have gone, the oldest first

    def __repr__(self) -> str:
        return f"<Resuming tokens={len(self._tickets)}>"

    def issue(
        self, who: HardwareId, session: SessionId, drop: Callable[[], None], after: str | None = None
    ) -> str:
        """A token for a new connection, which may have begun with the token `after`."""
        self._forget_old()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._tickets[token] = Ticket(who, session, drop, after=after or "")
        if after:
            self._tickets[after].next = token
        return token

    def received(self, token: str) -> None:
        """The client has it: the one before it is not needed any more."""
        if token in self._tickets:
            self._tickets.pop(self._tickets[token].after, None)

    def left(self, token: str) -> None:
        """The connection that has it is gone."""
        if token in self._tickets:
            ticket = self._tickets[token]
            ticket.until = trio.current_time() + RESUME_SECONDS
            ticket.drop = _nothing  # what it holds of the connection may go
            self._ending.append((ticket.until, token))

    def redeem(self, token: str, who: HardwareId) -> SessionId | None:
        """The session to go on with; None when it is too late, or the token is none of this device.

        The connection that the token was given to may be there still, as far as the server knows, and so may
        one that had begun with it: then they are dropped.
        """
        self._forget_old()
        ticket = self._tickets.get(token)
        if ticket is None or ticket.who != who:
            return None
        lost = self._tickets.pop(ticket.next, None)  # its client never had it
        for one in (ticket, lost):
            if one is not None:
                one.drop()
        return ticket.session

    def _forget_old(self) -> None:
        now = trio.current_time()
        while self._ending and self._ending[0][0] <= now:
            self._tickets.pop(self._ending.popleft()[1], None)


def _nothing() -> None:
    """There is no connection to drop."""
