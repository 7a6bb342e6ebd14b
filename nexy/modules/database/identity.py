"""Under which key a user is stored."""

import hashlib
import hmac
import re
from pathlib import Path

from nexy.config import make_secret
from nexy.errors import StorageError
from nexy.types import HardwareId

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Keys:
    """Makes keys that nobody can guess a hardware_id from who does not have the pepper.

    The id's SHA-256 goes in, not the id itself: the server before this one stored users under that, so
    that its users are found again without their ids being known.
    """

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper

    def __repr__(self) -> str:
        return "<Keys>"

    def of(self, who: HardwareId) -> str:
        """64 hexadecimal digits."""
        return self.of_hash(hashlib.sha256(who.encode("utf-8", "replace")).hexdigest())

    def of_hash(self, sha256: str) -> str:
        """The key of the user whose hardware_id has this SHA-256. Raises ValueError for what is none."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("this is no SHA-256 in hexadecimal digits")
        return hmac.digest(self._pepper, sha256.encode(), "sha256").hex()


def pepper_beside(path: Path) -> bytes:
    """The pepper in `path`, made if there is none yet; only its owner can read it. Raises StorageError."""
    try:
        make_secret(path)
        pepper = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise StorageError(f"the pepper in {path.name} cannot be read or made") from error
    if not pepper:
        raise StorageError(f"the pepper in {path.name} is empty")
    return pepper
