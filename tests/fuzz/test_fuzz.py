"""The short run: one batch of each kind. The long one is `python -m tests.fuzz --minutes 10`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.batches import BATCHES, run_batch
from tests.fuzz.target import Broken, Target, check_nothing_internal

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    one = Target(tmp_path)
    yield one
    one.close()


def test_what_is_wrong_in_every_way_hurts_nobody(target: Target) -> None:
    for number in range(len(BATCHES)):
        run_batch(20_26, number, target)
    target.check(thoroughly=True)
    assert target.sent["messages"] > 100
    assert target.sent["frames"] > 300


@pytest.mark.parametrize(
    "said", [b"Traceback (most recent call last)", b'File "x.py"', b"x KeyError: 'a'", b"grpclib.exceptions"]
)
def test_what_must_not_be_told_is_found(said: bytes) -> None:
    with pytest.raises(Broken):
        check_nothing_internal(b"before " + said + b" behind")


def test_a_server_that_ended_is_found(target: Target) -> None:
    target.server.process.kill()
    target.server.process.wait()
    with pytest.raises(Broken, match="batch 0"):
        run_batch(1, 0, target)
