"""What the tests of nexy release share."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from typer.testing import CliRunner

from nexy.cli import app
from nexy.modules.update import Folder, Published, make_key

ROOT = Path(__file__).parents[2]
BASE_URL = "https://updates.example.org"

Nexy: TypeAlias = Callable[..., Any]  # nexy("list", UPDATE_DIR="other") → click's Result


def settings(folder: Path) -> dict[str, str]:
    """What the environment has."""
    return {
        "UPDATE_DIR": str(folder / "updates"),
        "UPDATE_BASE_URL": BASE_URL,
        "UPDATE_SIGNING_KEY": str(folder / "keys" / "signing.pem"),
    }


def runner(folder: Path) -> Nexy:
    """`nexy release`, with a key."""
    make_key(folder / "keys" / "signing.pem")
    return lambda *args, **env: CliRunner().invoke(app, ["release", *args], env=settings(folder) | env)


def start(folder: Path, *args: str) -> "subprocess.Popen[str]":
    """`nexy release` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nexy", "release", *args],
        cwd=folder,
        env=os.environ | settings(folder) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def published(folder: Path) -> Published:
    found = Folder(folder / "updates").read()
    assert found is not None
    return found


def app_file(folder: Path, name: str = "Nexy-1.0.0.dmg", data: bytes = b"an app\n") -> str:
    """The path of a file to release."""
    file = folder / name
    file.write_bytes(data + name.encode())
    return str(file)


def refused(done: Any, words: str, status: int = 1) -> None:
    """One plain line, and nothing on stdout."""
    assert (done.exit_code, done.stdout) == (status, ""), done.output
    assert done.stderr.startswith("nexy: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def manifest(name: str, **changed: object) -> str:
    """A manifest as an earlier server has it; None takes a field out."""
    artifact: dict[str, object] = {
        "type": "dmg",
        "url": f"https://old.example.org/downloads/{name}",
        "arch": "universal2",
        "min_os": "11.0",
        "ed25519": "of another key",
    }
    whole: dict[str, object] = {
        "version": "1.0.0",
        "build": 10,
        "release_date": "2025-10-07T12:00:00Z",
        "artifact": artifact,
        "critical": False,
        "auto_install": True,
        "notes_url": "https://old.example.org/notes.html",
    }
    for field, value in changed.items():
        (artifact if field in (*artifact, "size", "sha256") else whole)[field] = value
    return json.dumps({field: value for field, value in whole.items() if value is not None})
