"""The key of the tokens' signatures: a file that only its owner reads."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

LEAST_BYTES = 32  # RFC 7518 §3.2: HS256 needs a key as long as its hash
MOST_BYTES = 4096  # what is longer is another file, named by mistake


def read_secret(file: Path) -> bytes:
    """The key in `file`, without white space around it. Raises ValueError, which says what is wrong."""
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise ValueError("it is no file")
            if mode & 0o077:
                raise ValueError("others can read it; chmod 600 mends that")
            key = opened.read(MOST_BYTES + 1).strip()
    except OSError as error:
        raise ValueError(error.strerror or "it cannot be read") from error
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"it must hold {LEAST_BYTES} to {MOST_BYTES} bytes; openssl rand -hex 32 makes them")
    return key


def make_secret(file: Path) -> None:
    """Make the key, if there is none yet: whole or not at all, and once. Raises OSError."""
    if file.exists():
        return
    new = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_hex(LEAST_BYTES) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        with suppress(FileExistsError):  # another process was faster: its key is the one
            os.link(new, file)
    finally:
        new.unlink()
