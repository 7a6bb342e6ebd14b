"""The database is looked after: /ready learns that it is ill, and that it is well again."""

from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import StorageError
from nexy.integrations.tending import CHECK_SECONDS, CLEAN_SECONDS, DAY, SOON_SECONDS, tend

NOON = 1_795_694_400.0


@dataclass
class Patient:
    """Fails between two times, and notes when it was looked at."""

    ill_from: float = float("inf")
    ill_until: float = float("inf")
    trouble: str = ""
    checked: list[float] = field(default_factory=list)
    cleaned: list[tuple[float, float]] = field(default_factory=list)

    async def check(self) -> None:
        await trio.lowlevel.checkpoint()
        now = trio.current_time()
        self.checked.append(now)
        self.trouble = "is full" if self.ill_from <= now < self.ill_until else ""
        if self.trouble:
            raise StorageError(self.trouble)

    async def clean(self, before: float) -> int:
        await trio.lowlevel.checkpoint()
        self.cleaned.append((trio.current_time(), before))
        return 3


async def test_an_ill_database_is_looked_at_more_often(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    patient = Patient(ill_from=100.0, ill_until=127.0)
    nursery.start_soon(tend, patient, 0)
    await trio.sleep(150)
    ill_at = 2 * CHECK_SECONDS
    assert patient.checked == [0, CHECK_SECONDS, ill_at, ill_at + SOON_SECONDS, ill_at + 2 * SOON_SECONDS]
    assert patient.trouble == ""
    assert patient.cleaned == []


@pytest.mark.parametrize("days", [1, 0.5])
async def test_what_is_old_is_deleted_every_hour(
    days: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    patient = Patient()
    nursery.start_soon(tend, patient, days, lambda: NOON)
    await trio.sleep(2.5 * CLEAN_SECONDS)
    assert patient.cleaned == [(n * CLEAN_SECONDS, NOON - days * DAY) for n in range(3)]
