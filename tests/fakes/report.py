"""What a stand-in that runs by hand tells of its connections: a JSON line for each, once it is over."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import trio

Report: TypeAlias = Callable[..., None]


def unheard(_text: str, **_times: Any) -> None:
    """Tell nobody."""


def into(file: Path) -> Report:
    """Append to `file`. Times are given as trio.current_time(), and written as time.perf_counter().

    That is the machine's own monotonic clock on Linux: other processes there can compare with it.
    """

    def report(text: str, **times: float | None) -> None:
        ahead = trio.current_time() - time.perf_counter()
        seen = {name: None if at is None else at - ahead for name, at in times.items()}
        with file.open("a") as lines:
            lines.write(json.dumps({"text": text} | seen) + "\n")

    return report
