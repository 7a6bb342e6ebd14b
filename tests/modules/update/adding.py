"""python -m tests.modules.update.adding FOLDER SOURCE: a process whose children add releases and are killed.

It reads what to do from its standard input and answers each line with one. It is there because a new
Python takes a second to begin, and a fork of one a hundredth.
"""

import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from nexy.errors import ReleaseError
from nexy.modules.update import Catalogue, Folder, Release, publish
from tests.modules.update.making import BASE, key, release

FILES = ("open", "os.", "shutil.", "fcntl.", "mmap.")  # events of Python's that mean a file is touched


def add(folder: Folder, source: Path) -> Release:
    """The next build, as `nexy release add` does it."""
    with folder.changing():
        published = folder.read()
        catalogue = published.catalogue if published else Catalogue()
        build = catalogue.next_build
        artifact = folder.take_in(source, f"Nexy-{build}.dmg", key())
        new = release(build, artifact=artifact)
        folder.write(publish(catalogue.with_added(new), BASE, key()))
    return new


def die_at(step: int) -> None:
    """Be killed when a file is about to be touched for the step-th time (from 1)."""
    left = step

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event.startswith(FILES) and (left := left - 1) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def child(folder: Folder, source: Path, what: str, number: float) -> int:
    """The process id of one that adds a release, and dies of `what`."""
    if pid := os.fork():
        return pid
    try:
        if what == "step":
            die_at(int(number))
        if what == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
        for _ in range(int(number) if what == "times" else 1):
            add(folder, source)
    except ReleaseError as error:
        print(error, end=": ", flush=True)
        os._exit(1)
    os._exit(0)


def outcome(pid: int) -> str:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {0: "done", 1: "refused", -signal.SIGKILL: "killed"}.get(code, f"exit {code}")


def main() -> None:
    folder, source = Folder(Path(sys.argv[1])), Path(sys.argv[2])
    for line in sys.stdin:
        what, number = line.split()
        pids = [child(folder, source, what, float(number)) for _ in range(2 if what == "times" else 1)]
        if what == "after":
            time.sleep(float(number))
            os.kill(pids[0], signal.SIGKILL)
        print(*map(outcome, pids), flush=True)


if __name__ == "__main__":
    main()
