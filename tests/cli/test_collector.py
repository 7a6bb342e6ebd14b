"""What lies in cycles is found before there is much of it, although all that is loaded is frozen."""

import subprocess
import sys

STORY = """
import collections, gc
import nexy.app
from nexy.cli.serve import GC_THRESHOLDS, _ready

gc.set_threshold(*GC_THRESHOLDS)
_ready("ready")
living, most = collections.deque(maxlen=20_000), 0
for number in range(1_000_000):
    cycle = [number]
    cycle.append(cycle)
    living.append(cycle)  # long enough to be old when it is let go
    if number % 10_000 == 0:
        most = max(most, len(gc.get_objects()))
print(most)
"""


def test_a_server_looks_at_the_whole_heap_in_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY], capture_output=True, text=True, check=True, timeout=60
    )
    ready, most = done.stdout.split()
    assert ready == "ready"
    assert 20_000 < int(most) < 180_000  # what lives, and what is not yet found
