"""python -m tests.fuzz --minutes 10 [--seed N] [--batch N]"""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.batches import run_batch
from tests.fuzz.target import Broken, Target

PROGRESS_SECONDS = 10.0
MOST_GROWTH_MB = 40.0  # after the first minute; the log says what it was


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz a server of its own.")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    options.add_argument("--batch", type=int, help="only this one, as a failure names it")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = Target(Path(folder))
        try:
            return fuzz(target, given.seed, given.minutes * 60, given.batch)
        except Broken as error:
            print(f"FAILED: {error}", flush=True)
            return 1
        finally:
            target.close()


def fuzz(target: Target, seed: int, seconds: float, only: int | None) -> int:
    began, told, number = time.monotonic(), 0.0, only or 0
    warm: float | None = None
    print(f"seed {seed}: {target.megabytes():.1f} MB, {target.descriptors()} descriptors", flush=True)
    while time.monotonic() - began < seconds:
        run_batch(seed, number, target)
        number += 1
        now = time.monotonic() - began
        if warm is None and now > min(60, seconds / 4):
            warm = target.megabytes()
        if now - told > PROGRESS_SECONDS:
            told = now
            _tell(now, number, target)
        if only is not None:
            break
    _tell(time.monotonic() - began, number, target)
    grown = target.megabytes() - (warm or target.megabytes())
    print(f"memory grew by {grown:.1f} MB after the warm-up; warnings in the log: {dict(target.warnings)}")
    return 0 if grown < MOST_GROWTH_MB else 1


def _tell(now: float, number: int, target: Target) -> None:
    sent = ", ".join(f"{count} {what}" for what, count in sorted(target.sent.items()))
    print(f"{now:6.0f} s: {number} batches, {sent}; {target.megabytes():.1f} MB,", end=" ")
    print(f"{target.descriptors()} descriptors", flush=True)


if __name__ == "__main__":
    sys.exit(main())
