"""What lies in cycles is found, although all that was loaded is frozen and only young objects are seen."""

import subprocess
import sys

import pytest

YOUNG = """
import gc
import nexy.app
from nexy.cli.collecting import collecting, settle

with collecting():
    settle()
    most = 0
    for number in range(200_000):
        cycle = [number]
        cycle.append(cycle)
        most = max(most, gc.get_count()[0])
    print(len(gc.get_objects()) < 10_000, most < 2_000)
"""

OLD = """
import gc, weakref
import trio, trio.testing
import nexy.app
from nexy.cli.collecting import OLD_SECONDS, collect_old, collecting, settle

class Cycle:
    def __init__(self):
        self.me = self

async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect_old)
        await trio.testing.wait_all_tasks_blocked()
        old = [Cycle() for _ in range(3_000)]  # the later ones make the earlier ones old
        known = [weakref.ref(one) for one in old]
        gc.collect(0)
        old.clear()
        print(sum(one() is not None for one in known))
        await trio.sleep(OLD_SECONDS + 1)
        print(sum(one() is not None for one in known))
        nursery.cancel_scope.cancel()

with collecting():
    settle()
    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
"""


@pytest.mark.parametrize(("story", "found"), [(YOUNG, "True True"), (OLD, "3000\n0")])
def test_what_lies_in_cycles_is_found(story: str, found: str) -> None:
    done = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (found, "")
