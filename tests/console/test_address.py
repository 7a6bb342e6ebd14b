"""`nexy serve` tells people at a terminal where the page is."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.e2e.conftest import FAST, until

ROOT = Path(__file__).parents[2]


def test_at_a_terminal_the_address_of_the_page_is_told(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    env = (
        {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])} | measured | FAST
    )
    command = [sys.executable, "-m", "nexy", "serve"]
    told = b""

    def has_told() -> bool:
        nonlocal told
        with suppress(BlockingIOError):
            told += os.read(ours, 4096)
        return b"console: " in told and told.endswith(b"\n")

    with subprocess.Popen(
        command, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as server:
        os.close(theirs)
        assert server.stdout is not None
        ready = server.stdout.readline()
        assert until(has_told)
        server.terminate()
        assert server.stdout.read() == ""  # it is one line
    os.close(ours)
    http = re.search(r" http=(\S+)", ready)
    assert http is not None
    assert f"console: http://{http[1]}/" in told.decode()
