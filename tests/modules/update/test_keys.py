"""Files with private keys: those that are read, those that are refused, and the one that is made."""

import base64
import hashlib
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nexy.errors import ReleaseError
from nexy.modules.update import Key, make_key
from tests.modules.update.making import SEED, key
from tests.modules.update.openssl import made_key, needs_openssl


def kept(file: Path, text: bytes, mode: int = 0o600) -> Path:
    file.write_bytes(text)
    file.chmod(mode)
    return file


def refused(file: Path) -> str:
    with pytest.raises(ReleaseError) as error:
        Key.read(file)
    return str(error.value)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_what_was_made_is_read_again(tmp_path: Path) -> None:
    made = make_key(tmp_path / "key")
    assert Key.read(tmp_path / "key").public == made.public


@needs_openssl
def test_a_key_of_openssls_is_read(tmp_path: Path) -> None:
    assert Key.read(made_key(tmp_path / "key", "-algorithm", "ed25519")).public


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_sparkles_own_key_is_read(tmp_path: Path, ending: bytes) -> None:
    """`generate_keys -x FILE` writes the seed in base64 (Sparkle's pull request 2472, of November 2023)."""
    file = kept(tmp_path / "key", base64.b64encode(SEED) + ending)
    assert Key.read(file).public == key().public


def test_sparkles_older_key_is_refused_with_its_reason(tmp_path: Path) -> None:
    """Before that it wrote what the seed was hashed to, 64 bytes, and the public key. The seed is not in it,
    and no library signs without one."""
    hashed = bytearray(hashlib.sha512(SEED).digest())
    hashed[0] &= 248
    hashed[31] = hashed[31] & 63 | 64
    old = bytes(hashed) + base64.b64decode(key().public)
    assert "older form" in refused(kept(tmp_path / "key", base64.b64encode(old)))


@needs_openssl
@pytest.mark.parametrize(
    "options",
    [
        ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"),
        ("-algorithm", "ed448"),
        ("-algorithm", "x25519"),
    ],
)
def test_keys_of_other_kinds_are_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert "Ed25519" in refused(made_key(tmp_path / "key", *options))


@needs_openssl
def test_a_key_with_a_password_is_refused(tmp_path: Path) -> None:
    options = ("-algorithm", "ed25519", "-aes256", "-pass", "pass:correct-horse")
    assert "without a password" in refused(made_key(tmp_path / "key", *options))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"not a key",
        b"\xff\xfe\0",
        base64.b64encode(SEED[:31]),
        base64.b64encode(SEED + b"."),
        base64.b64encode(SEED) + b"\n" + base64.b64encode(SEED),
        b"-----BEGIN PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"x" * 1_000_000,
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, text: bytes) -> None:
    assert "no Ed25519 key" in refused(kept(tmp_path / "key", text))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o644, 0o666, 0o602])
def test_a_key_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    make_key(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    assert "chmod 600" in refused(tmp_path / "key")


def test_there_is_no_key(tmp_path: Path) -> None:
    assert "nexy release keygen" in refused(tmp_path / "key")
    assert "cannot be read" in refused(tmp_path)


def test_no_refusal_says_what_is_in_the_file(tmp_path: Path) -> None:
    secret = base64.b64encode(SEED + b".")
    assert secret.decode()[:8] not in refused(kept(tmp_path / "key", secret))


def test_a_key_shows_its_public_half_only() -> None:
    shown = f"{key()!r} {key()}"
    assert key().public in shown
    assert base64.b64encode(SEED).decode()[:-1] not in shown


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_it_is_its_owners_alone_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        make_key(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_its_folder_is_made_and_its_owners_alone(tmp_path: Path) -> None:
    with umask(0):
        make_key(tmp_path / "keys" / "key")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    first = make_key(tmp_path / "key")
    with pytest.raises(ReleaseError, match="already"):
        make_key(tmp_path / "key")
    assert Key.read(tmp_path / "key").public == first.public
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ReleaseError, match="already"):
        make_key(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("marked", ["folder", "file"])  # a clone has a folder, a work tree a file
def test_no_key_is_made_in_a_git_repository(tmp_path: Path, marked: str) -> None:
    (tmp_path / ".git").mkdir() if marked == "folder" else (tmp_path / ".git").write_text("gitdir: /x\n")
    with pytest.raises(ReleaseError, match="git repository"):
        make_key(tmp_path / "deep" / "down" / "key")
    assert not (tmp_path / "deep").exists()


def test_a_link_into_a_git_repository_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    (tmp_path / "keys").symlink_to(tmp_path / "clone")
    with pytest.raises(ReleaseError, match="git repository"):
        make_key(tmp_path / "keys" / "key")


def test_a_relative_place_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReleaseError, match="git repository"):
        make_key(Path("key"))


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReleaseError, match="cannot be written"):
        make_key(tmp_path / "file" / "key")


def test_a_full_disk_leaves_no_half_of_a_key(tmp_path: Path) -> None:
    """A file that may have no byte at all is what a full disk is, to the one who writes."""

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pathlib, nexy.modules.update as update; update.make_key(pathlib.Path(sys.argv[1]))",
            str(tmp_path / "key"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=full,
    )
    assert "ReleaseError: the signing key cannot be written: File too large" in done.stderr
    assert not list(tmp_path.iterdir())
