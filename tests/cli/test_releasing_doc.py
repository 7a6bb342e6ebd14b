"""The walk of docs/releasing.md, typed at a terminal as it stands there.

`nexy serve` is left out: a `curl` of our own, first in the PATH, stands in for the server.
"""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WALK = "## The walk\n"
MARK = "@@@ next block @@@"
SERVES = re.compile(r"^nexy serve", re.MULTILINE)  # goes on until it is stopped: somebody stands in for it
DONE_BEFORE = re.compile("\r\x1b\\[K[^\r\n]*(?=\r\x1b\\[K)|\r\x1b\\[K")  # what progress has wiped away

STANDS_IN = '''#!{python}
"""What `curl` gets of a server, made of the folder of releases."""
import json, os, shutil, sys
from pathlib import Path
from nexy.modules.update import Channel, Folder, manifest, newest

folder = Folder(Path(os.environ["UPDATE_DIR"]))
published, url = folder.read(), sys.argv[-1]
base, path = published.base_url, url.removeprefix(published.base_url)
out = open(sys.argv[sys.argv.index("-o") + 1], "wb") if "-o" in sys.argv else sys.stdout.buffer
channel = Channel.BETA if "-beta" in path else Channel.STABLE
if path.startswith("/manifest"):
    release = newest(published.offered(channel, "somebody"))
    out.write(json.dumps(manifest(release, base)).encode())
elif path.startswith("/downloads/"):
    with open(folder.open_download(path.removeprefix("/downloads/")), "rb") as file:
        shutil.copyfileobj(file, out)
else:
    feed = published.feed(channel, "somebody")
    out.write((feed.ed25519 if path.endswith(".sig") else feed.xml).encode())
'''


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
    shims = {
        "nexy": f'#!/bin/sh\nexec {sys.executable} -m nexy "$@"\n',
        "curl": STANDS_IN.format(python=sys.executable),
    }
    for name, text in shims.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
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


def test_the_walk_runs_as_it_is_written(tmp_path: Path) -> None:
    blocks = [
        block for block in walk((ROOT / "docs/releasing.md").read_text()) if not SERVES.search(block.commands)
    ]
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
