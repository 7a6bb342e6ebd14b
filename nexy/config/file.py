"""config.env: the names and values that are written in it."""

import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import parse_stream

NAME = "config.env"

LIKE_A_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")  # anything else may be a key that was pasted


@dataclass(frozen=True)
class Written:
    """What a file says, and what cannot be understood in it."""

    values: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)  # name → what it may be called in a message
    problems: list[str] = field(default_factory=list)


def read(file: Path) -> Written:
    """The file at `file`, as UTF-8 with or without a byte order mark. A missing one says nothing."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Written()
    except OSError as error:
        return Written(problems=[f"{NAME}: {error.strerror}"])
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Written(problems=[f"{NAME}: line {line} is not UTF-8"])
    written = Written()
    for binding in parse_stream(io.StringIO(text, newline="")):
        if binding.error:
            written.problems.append(f"{NAME}: line {binding.original.line} is not NAME=VALUE")
        elif binding.key is not None:
            written.values[binding.key] = binding.value or ""
            named = binding.value is not None and LIKE_A_NAME.fullmatch(binding.key)
            written.labels[binding.key] = binding.key if named else f"line {binding.original.line}"
    return written
