"""What nexy release refuses: it says why in one plain line, and leaves nothing behind."""

import os
from pathlib import Path

import pytest

from tests.cli.releases import Nexy, app_file, refused, runner


@pytest.fixture
def nexy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nexy:
    monkeypatch.chdir(tmp_path)
    return runner(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["x.dmg"], "Missing option '--version'"),
        (["--version", "1"], "Missing argument 'FILE'"),
        (["x.txt", "--version", "1"], "FILE is none of .dmg, .pkg, .zip"),
        (["x", "--version", "1"], "FILE is none of"),
        (["x.dmg", "--version", "one"], "a version is numbers"),
        (["x.dmg", "--version", ""], "a version is numbers"),
        (["x.dmg", "--version", "1\n"], "a version is numbers"),
        (["x.dmg", "--version", "1" * 5000], "a version is numbers"),
        (["x.dmg", "--version", "1", "--min-os", "Big Sur"], "the least version of macOS"),
        (["x.dmg", "--version", "1", "--build", "0"], "--build"),
        (["x.dmg", "--version", "1", "--build", "1.5"], "--build"),
        (["x.dmg", "--version", "1", "--build", "9" * 20], "--build"),
        (["x.dmg", "--version", "1", "--channel", "alpha"], "--channel"),
        (["x.dmg", "--version", "1", "--arch", "ppc"], "--arch"),
        (["x.dmg", "--version", "1", "--rollout", "0%"], "1% to 100%"),
        (["x.dmg", "--version", "1", "--rollout", "101"], "1% to 100%"),
        (["x.dmg", "--version", "1", "--rollout", "half"], "1% to 100%"),
        (["x.dmg", "--version", "1", "--phase", "0"], "--phase"),
        (["x.dmg", "--version", "1", "--phase", "nan"], "--phase"),
        (["x.dmg", "--version", "1", "--delta", "file"], "FROM_BUILD:FILE"),
        (["x.dmg", "--version", "1", "--delta", "a:file"], "FROM_BUILD:FILE"),
        (["x.dmg", "--version", "1", "--delta", "1:"], "FROM_BUILD:FILE"),
        (["a:b.dmg", "--version", "1"], "a file's name has"),
        (["a\x1b[2J.dmg", "--version", "1"], "a file's name has"),
        (["\udcff.dmg", "--version", "1"], "a file's name has"),
        ([".dmg", "--version", "1"], "FILE is none of"),
        ([".x.dmg", "--version", "1"], "does not begin with a point"),
        (["x" * 200 + ".dmg", "--version", "1"], "a file's name has"),
    ],
)
def test_wrong_use_of_add(nexy: Nexy, tmp_path: Path, wrong: list[str], words: str) -> None:
    app_file(tmp_path, "x.dmg")
    refused(nexy("add", *wrong), words, status=2)
    assert not (tmp_path / "updates").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["none.dmg"], "none.dmg is no file, or there is none"),
        (["folder.dmg"], "folder.dmg is no file"),
        (["pipe.dmg"], "pipe.dmg is no file"),
        (["broken.dmg"], "broken.dmg is no file"),
        (["empty.dmg"], "empty.dmg cannot be read, or is empty"),
        (["x.dmg", "--notes", "none.md"], "--notes: it cannot be read"),
        (["x.dmg", "--notes", "folder.dmg"], "--notes: it cannot be read"),
        (["x.dmg", "--notes", "latin.md"], "--notes: it is no text in UTF-8"),
        (["x.dmg", "--notes", "long.md"], "--notes: the notes have more than"),
        (["no.zip"], "no.zip is no zip archive"),
    ],
)
def test_what_cannot_be_added(nexy: Nexy, tmp_path: Path, wrong: list[str], words: str) -> None:
    app_file(tmp_path, "x.dmg")
    app_file(tmp_path, "no.zip")
    (tmp_path / "folder.dmg").mkdir()
    os.mkfifo(tmp_path / "pipe.dmg")
    (tmp_path / "broken.dmg").symlink_to("nowhere")
    (tmp_path / "empty.dmg").touch()
    (tmp_path / "latin.md").write_bytes("é".encode("latin-1"))
    (tmp_path / "long.md").write_text("a" * 100_001)
    refused(nexy("add", *wrong, "--version", "1"), words)
    assert not (tmp_path / "updates").exists()


@pytest.mark.parametrize(
    "command", [["add", "x.dmg", "--version", "1"], ["promote", "1"], ["publish"], ["import"]]
)
def test_without_a_good_key_nothing_is_done(nexy: Nexy, tmp_path: Path, command: list[str]) -> None:
    app_file(tmp_path, "x.dmg")
    key = tmp_path / "keys" / "signing.pem"
    refused(nexy(*command, UPDATE_SIGNING_KEY=""), "UPDATE_SIGNING_KEY is not set")
    refused(nexy(*command, UPDATE_SIGNING_KEY=str(tmp_path / "no.pem")), "nexy release keygen makes one")
    key.chmod(0o640)
    refused(nexy(*command), "chmod 600")
    key.write_text("no key")
    key.chmod(0o600)
    refused(nexy(*command), "no Ed25519 key")
    refused(nexy(*command, UPDATE_DIR="none"), "UPDATE_DIR is none")
    refused(nexy(*command, UPDATE_BASE_URL="http://updates.example.org"), "UPDATE_BASE_URL")
    assert not (tmp_path / "updates").exists()


@pytest.mark.parametrize(
    "wrong",
    [["rollout", "1"], ["rollout", "1", "0"], ["rollout", "1", "x"], ["promote"], ["withdraw"], ["sing"]],
)
def test_wrong_use(nexy: Nexy, wrong: list[str]) -> None:
    refused(nexy(*wrong), "nexy release", status=2)
