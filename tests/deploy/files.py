"""What is in deploy/, read, and the tools that judge it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nexy.config import fields

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {name: field.default for _, name, field in fields()}
"""Every setting of Nexy and its default."""

PORTS = {"GRPC_PORT": 50051, "HTTP_PORT": 8080, "UPDATE_PORT": 8081, "WEBSOCKET_PORT": 8082}
"""As the contract has them."""


def documents(file: Path) -> list[Any]:
    """Each YAML document of a file."""
    return [one for one in yaml.safe_load_all(file.read_text()) if one is not None]


def document(name: str) -> Any:
    """The only YAML document of a file in deploy/."""
    (only,) = documents(DEPLOY / name)
    return only


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Each mapping in a document, the outer ones first."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from walk(one)


def env_file(file: Path) -> dict[str, str]:
    """NAME=VALUE lines."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def seconds(text: str) -> float:
    """What "45s" says."""
    assert text.endswith("s"), text
    return float(text.removesuffix("s"))


def tool(name: str, *also: str) -> str:
    """Where a program is: beside Python, on the path, or in `also`. Skips the test when it is nowhere."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    found = found or next((one for one in also if Path(one).exists()), None)
    if found is None:
        pytest.skip(f"needs {name}")
    return str(found)


def judged(*command: str | Path, **given: Any) -> str:
    """All that a program prints; the test fails when its exit status is not 0."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, **given
    )
    assert done.returncode == 0, done.stdout
    return str(done.stdout)
