"""Looks after the database while the server runs: is it well, and is there something old to delete?"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import trio

from nexy.errors import StorageError

CHECK_SECONDS = 60.0  # between looks at a database that is well
SOON_SECONDS = 5.0  # at one that is not: a balancer sends nobody until /ready says that it is again
CLEAN_SECONDS = 3600.0  # between looks for what is old
DAY = 86_400.0  # seconds

log = logging.getLogger("nexy.database")


class Tended(Protocol):
    """The database."""

    @property
    def trouble(self) -> str: ...

    async def check(self) -> None:
        """Raises StorageError when nothing can be written."""
        ...

    async def clean(self, before: float) -> int:
        """Delete what was said before a Unix time. Raises StorageError."""
        ...


async def tend(database: Tended, retention_days: float, clock: Callable[[], float] = time.time) -> None:
    """Check and clean until cancelled. A failure is for /ready to tell, and tried again."""
    cleaned_at = -CLEAN_SECONDS
    while True:
        with suppress(StorageError):
            await database.check()
            if retention_days and trio.current_time() >= cleaned_at + CLEAN_SECONDS:
                gone = await database.clean(clock() - retention_days * DAY)
                cleaned_at = trio.current_time()
                log.info("%d old turns deleted", gone)
        await trio.sleep(SOON_SECONDS if database.trouble else CHECK_SECONDS)
