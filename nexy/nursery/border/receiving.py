"""Requests on their way in: how many bytes of them the server holds at once."""

from collections import Counter
from typing import Protocol

MOST_BYTES = 256 * 2**20
"""For all requests that are being received: five of 50 MiB, or 80 screenshots of 3 MB, at once. Without it
a few hundred half-sent requests would fill any machine's memory."""

SHARE_BYTES = MOST_BYTES // 2  # for those from one address: it does not lock out all the others

SMALL_BYTES = 64 * 2**10
"""A request without a screenshot is smaller. The RPCs that take none hold no more than this."""

SPARE_BYTES = 128 * 2**20  # for small requests only: large ones that never end do not lock them out

FRAME_BYTES = 128  # what a frame costs beside its data


class Held(Protocol):
    """A request that is being received."""

    held: int

    @property
    def network(self) -> str:
        """Where it comes from."""
        ...

    def look(self, now: float) -> bool:
        """Give it up when it takes too long to come. False while it has time."""
        ...


class Receiving:
    """The bytes held for requests that are not yet whole, by request, the oldest first."""

    def __init__(self) -> None:
        self.held = 0
        self._held_by: Counter[str] = Counter()  # by where it comes from
        self.requests: dict[Held, None] = {}

    def __repr__(self) -> str:
        return f"<Receiving requests={len(self.requests)} bytes={self.held}>"

    def take(self, request: Held, size: int) -> bool:
        """Hold a frame's data; False when there is no room for it."""
        size += FRAME_BYTES
        small = request.held + size <= SMALL_BYTES
        spare = SPARE_BYTES if small else 0
        if (
            self.held + size > MOST_BYTES + spare
            or self._held_by[request.network] + size > SHARE_BYTES + spare
        ):
            return False
        self.held += size
        self._held_by[request.network] += size
        request.held += size
        self.requests.setdefault(request)
        return True

    def give_back(self, request: Held) -> None:
        """It is whole, or given up."""
        if request.held:
            self.held -= request.held
            self._held_by[request.network] -= request.held
            if not self._held_by[request.network]:
                del self._held_by[request.network]
            request.held = 0
            del self.requests[request]
