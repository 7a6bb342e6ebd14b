"""What goes over the bus, as JSON. Whoever may speak there may say anything: what is not ours is empty."""

import base64
import json
from collections.abc import Iterable
from typing import Any, cast

from nexy.modules.interrupt_handling.interrupt import Claim, Handed
from nexy.types import Part, Screenshot, SessionId

MOST_BYTES = 1_000_000  # of a message; NATS takes 1 MiB, unless it is told otherwise


MOST_SECONDS = 1e9


def packed(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def unpacked(data: bytes) -> dict[str, Any]:
    """Empty when it is none of ours."""
    if len(data) > MOST_BYTES:
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def names(told: object) -> list[str]:
    return [name for name in told if isinstance(name, str)] if isinstance(told, list) else []


def number(told: object) -> int:
    """0 when it is none."""
    return told if isinstance(told, int) else 0


def seconds(told: object) -> float | None:
    """None when it is none."""
    return float(told) if isinstance(told, (int, float)) and abs(told) < MOST_SECONDS else None


def of_claim(claim: Claim) -> dict[str, Any]:
    return {"session": claim.session, "draft": claim.draft_only, "all": claim.newest_only}


def claim_in(message: dict[str, Any], node: str) -> Claim:
    """As `node` hears it: of two that are made together, that of the greater name wins, to both of them."""
    session = message.get("session")
    return Claim(
        SessionId(session) if isinstance(session, str) else None,
        draft_only=message.get("draft") is True,
        newest_only=message.get("all") is True,
        wins=str(message.get("from")) > node,
    )


def of_handed(handed: Handed) -> dict[str, Any]:
    """Without the picture, when it is too large for the bus."""
    pictures = [part.screenshot for part in handed.parts if part.screenshot is not None]
    whole = sum(len(picture.image) for picture in pictures) < MOST_BYTES // 2
    parts = [_of_part(part, whole=whole) for part in handed.parts]
    told = {"talked": handed.talked, "newer": handed.newer, "busy": handed.busy}
    return {"session": handed.session, "parts": parts, **told}


def handed_in(message: dict[str, Any]) -> Handed:
    session, parts = message.get("session"), message.get("parts")
    return Handed(
        SessionId(session) if isinstance(session, str) else None,
        tuple(_parts_in(parts)) if isinstance(parts, list) else (),
        message.get("talked") is True,
        message.get("newer") is True,
        message.get("busy") is True,
    )


def _of_part(part: Part, *, whole: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"number": part.number, "text": part.text}
    picture = part.screenshot
    if picture is not None and whole:
        told["image"] = base64.b64encode(picture.image).decode()
        told |= {"kind": picture.kind, "width": picture.width, "height": picture.height}
    return told


def _parts_in(told: list[Any]) -> Iterable[Part]:
    for part in told:
        try:
            yield Part(int(part["number"]), str(part["text"]), _picture_in(part))
        except (ValueError, TypeError, KeyError, OverflowError):
            continue


def _picture_in(part: dict[str, Any]) -> Screenshot | None:
    """Raises ValueError, TypeError or KeyError."""
    if "image" not in part:
        return None
    kind = part["kind"]
    if kind not in ("png", "jpeg", "webp"):
        raise ValueError
    image = base64.b64decode(part["image"], validate=True)
    return Screenshot(image, cast("Any", kind), int(part["width"]), int(part["height"]))
