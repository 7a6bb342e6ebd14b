"""A secret that git tracks is found, told without its value, and taken only when somebody says so."""

import subprocess
from pathlib import Path

import pytest

from tests.scripts.running import run

KEY = "AKIA" + "IOSFODNN7QUXWQZP"  # in two parts, so that this file has none


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What git tracks, with one harmless file."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "scripts").mkdir()
    track(tmp_path, "main.py", "print('Hello')\n")
    return tmp_path


def track(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    subprocess.run(["git", "add", name], cwd=folder, check=True)


def test_a_planted_secret_is_found_and_not_repeated(folder: Path) -> None:
    assert run("leaks.py", folder=folder) == (0, "")
    track(folder, "settings.py", f'\n\naws_key = "{KEY}"\n')
    status, said = run("leaks.py", folder=folder)
    assert status == 1
    assert "settings.py:3: looks like a secret (AWS Access Key)" in said
    assert KEY not in said


def test_what_is_accepted_is_passed_over_wherever_it_moves(folder: Path) -> None:
    track(folder, "settings.py", f'aws_key = "{KEY}"\n')
    assert run("leaks.py", "--accept", folder=folder) == (0, "")
    assert KEY not in (folder / "scripts/harmless.txt").read_text()
    track(folder, "settings.py", f'# something above it\n\naws_key = "{KEY}"\n')
    assert run("leaks.py", folder=folder) == (0, "")
    track(folder, "other.py", f'aws_key = "{KEY}"\n')
    assert run("leaks.py", folder=folder)[0] == 1


def test_what_git_does_not_track_is_nobodys_secret(folder: Path) -> None:
    (folder / "config.env").write_text(f"AWS_KEY={KEY}\n")
    assert run("leaks.py", folder=folder) == (0, "")
