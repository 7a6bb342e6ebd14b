"""Tokens: who shows one is let in, as the device that it names or as an operator."""

import secrets
from collections import Counter
from dataclasses import dataclass, field

import jwt

from nexy.config import is_loopback
from nexy.errors import Forbidden, StorageError, Unauthenticated
from nexy.types import Caller, HardwareId

ALGORITHM = "HS256"
AUDIENCE = "nexy"
CLAIMS = ["jti", "iat", "exp", "aud"]  # that every token has; sub or op comes to them
MOST_CHARS = 4096  # of a token; one for the longest hardware_id has less
LEEWAY_SECONDS = 30  # that a token holds longer: the clock of whoever issued it may be off


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says; times are Unix seconds."""

    id: str
    device: HardwareId | None = field(repr=False)  # None: an operator's, for every device
    issued_at: int
    expires_at: int


def new_grant(device: HardwareId | None, seconds: float, now: float) -> Grant:
    """For a device, or for an operator (None), from now on."""
    return Grant(secrets.token_hex(8), device, int(now), int(now + seconds))


class Seal:
    """Signs tokens, and knows its own signature."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "<Seal>"

    def sign(self, grant: Grant) -> str:
        """The token."""
        whose = {"op": True} if grant.device is None else {"sub": grant.device}
        times = {"iat": grant.issued_at, "exp": grant.expires_at}
        return jwt.encode({"jti": grant.id, "aud": AUDIENCE} | times | whose, self._secret, ALGORITHM)

    def read(self, token: str) -> Grant:
        """What it says. Raises Unauthenticated for one that is not ours, or that has ended."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],  # only this one: a token does not choose how it is checked
                # When it was issued is not checked: a node whose clock is ahead issues tokens too, they are
                # signed by our own secret, and one of tomorrow opens nothing that one of today does not.
                {"require": CLAIMS, "verify_iat": False},
                audience=AUDIENCE,
                leeway=LEEWAY_SECONDS,
            )
        except jwt.ExpiredSignatureError:  # it was ours: so its owner may know
            raise Unauthenticated("the token has ended") from None
        except (jwt.InvalidTokenError, RecursionError):  # of a header that is nested a thousand deep
            raise Unauthenticated("the token is not valid") from None
        if (claims.get("op") is True) == bool(claims.get("sub")):  # it is one or the other
            raise Unauthenticated("the token is not valid")
        return Grant(claims["jti"], claims.get("sub"), claims["iat"], claims["exp"])


class Doorkeeper:
    """Knows who calls, by the token that is shown; without a seal, nobody needs one."""

    def __init__(self, seal: Seal | None) -> None:
        self._seal = seal
        self.revoked: frozenset[str] | None = None  # ids of tokens; None until they are known
        self.turned_away: Counter[str] = Counter()  # callers since the start: "unauthenticated", "forbidden"

    def __repr__(self) -> str:
        return f"<Doorkeeper tokens={self.asks_for_tokens} revoked={len(self.revoked or ())}>"

    @property
    def asks_for_tokens(self) -> bool:
        return self._seal is not None

    def knows(self, authorization: str | None) -> bool:
        """Whether a caller with this header is let in; not counted when it is not."""
        if self._seal is None:
            return True
        try:
            return self._seal.read(_token_in(authorization)).id not in (self.revoked or ())
        except Unauthenticated:
            return False

    def caller(self, authorization: str | None, address: str) -> Caller:
        """Who calls from `address`, a host, with this header "Bearer …".

        Where no token is asked for, anybody may be any device, and who calls from this machine is an
        operator. Raises Unauthenticated; and StorageError as long as it is not known what was revoked.
        """
        if self._seal is None:
            return Caller(any_device=True, operator=is_loopback(address))
        try:
            return self._known(self._seal, authorization)
        except Unauthenticated:
            self.turned_away["unauthenticated"] += 1
            raise

    def forbidden(self, reason: str) -> Forbidden:
        """The error to raise for a caller who may not do this; it is counted."""
        self.turned_away["forbidden"] += 1
        return Forbidden(reason)

    def _known(self, seal: Seal, authorization: str | None) -> Caller:
        grant = seal.read(_token_in(authorization))
        if self.revoked is None:
            raise StorageError("is not read yet")
        if grant.id in self.revoked:
            raise Unauthenticated("the token was revoked")
        operator = grant.device is None
        return Caller(grant.device, any_device=operator, operator=operator)


def _token_in(authorization: str | None) -> str:
    """Raises Unauthenticated when there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("a token is needed: authorization: Bearer TOKEN")
    if len(token) > MOST_CHARS or not token.isascii():
        raise Unauthenticated("the token is not valid")
    return token.strip()
