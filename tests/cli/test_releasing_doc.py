"""The walk of docs/releasing.md, typed at a terminal as it stands there, beside a server that runs.

`nexy serve` goes on until it is stopped: it runs from the beginning, at another port than the document's.
"""

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.test_process import Process, launch

__all__ = ["launch"]
ROOT = Path(__file__).parents[2]
WALK = "## The walk\n"
MARK = "@@@ next block @@@"
SERVES = re.compile(r"^nexy serve", re.MULTILINE)
DONE_BEFORE = re.compile("\r\x1b\\[K[^\r\n]*(?=\r\x1b\\[K)|\r\x1b\\[K")  # what progress has wiped away

ADDRESS = "http://localhost:8081"  # as the document has it
TOOLS = ("bash", "curl", "jq", "openssl", "sha256sum")


@dataclass(frozen=True)
class Block:
    """Commands, and what they print; "…" is anything in a line."""

    commands: str
    printed: str | None


def walk(text: str) -> Iterator[Block]:
    """The blocks of the section that can be typed one after another."""
    section = text[text.index(WALK) + len(WALK) :]
    section = section[: section.index("\n## ")]
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    for (kind, body), (after, printed) in zip(fences, [*fences[1:], ("", "")], strict=True):
        if kind == "sh":
            yield Block(body, printed if after == "text" else None)


def typed(script: str, folder: Path) -> str:
    """All that bash prints at a terminal; the script must succeed."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "nexy").write_text(f'#!/bin/sh\nexec {sys.executable} -m nexy "$@"\n')
    (programs / "nexy").chmod(0o755)
    (folder / "work").mkdir()
    env = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "xterm",
    }
    ours, theirs = pty.openpty()
    command = ["bash", "-euo", "pipefail", "-c", script]
    with subprocess.Popen(
        command, cwd=folder / "work", env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    ) as bash:
        os.close(theirs)
        printed = b"".join(read_all(ours))
        os.close(ours)
    assert bash.returncode == 0, printed.decode()
    return printed.decode().replace("\r\n", "\n")


def read_all(descriptor: int) -> Iterator[bytes]:
    try:
        while piece := os.read(descriptor, 65536):
            yield piece
    except OSError:  # nobody has the other end any more
        return


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
def test_the_walk_runs_as_it_is_written(launch: Callable[..., Process], tmp_path: Path) -> None:
    server = launch(UPDATE_DIR=tmp_path / "work" / "updates")
    address = f"http://localhost:{server.updates.rpartition(':')[2]}"
    text = (ROOT / "docs/releasing.md").read_text().replace(ADDRESS, address)
    blocks = [block for block in walk(text) if not SERVES.search(block.commands)]
    assert len(blocks) > 6
    script = f"echo '{MARK}'\n".join(block.commands for block in blocks)
    raw = typed(script, tmp_path)
    assert "Nexy-1.2.0.dmg: 34 %" in raw  # of 3 MB, after the first MiB
    printed = DONE_BEFORE.sub("", raw).split(f"{MARK}\n")
    for block, found in zip(blocks, printed, strict=True):
        if block.printed is None:
            continue
        expected = lines(block.printed)
        assert len(lines(found)) == len(expected), found
        for line, pattern in zip(lines(found), expected, strict=True):
            shape = ".+".join(re.escape(part) for part in pattern.split("…"))
            assert re.fullmatch(shape, line), f"{line!r} is not {pattern!r}"


def test_the_walk_is_all_there() -> None:
    commands = "".join(block.commands for block in walk((ROOT / "docs/releasing.md").read_text()))
    for step in ("keygen", "add", "list", "verify", "promote", "withdraw"):
        assert f"nexy release {step}" in commands
    assert "nexy serve" in commands
    assert commands.count("openssl pkeyutl -verify") == 2
