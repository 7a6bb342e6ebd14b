"""What a strict endpoint of OpenAI's chat protocol finds wrong in a request."""

import base64
import binascii
import json
from typing import Any

_KNOWN = frozenset(
    {"model", "messages", "stream", "stream_options", "temperature", "max_tokens", "max_completion_tokens"}
)


def problem_in(sent: bytes, not_taken: tuple[str, ...] = ()) -> tuple[str, dict[str, Any]]:
    """What is wrong with the body that was sent ("" when nothing is), and the body."""
    try:
        body = json.loads(sent)
    except ValueError:
        return "We could not parse the JSON body of your request.", {}
    if not isinstance(body, dict):
        return "The body of your request is not an object.", {}
    return _problem(body, not_taken), body


def _problem(body: dict[str, Any], not_taken: tuple[str, ...]) -> str:
    for name in body:
        if name in not_taken or name not in _KNOWN:
            return f"Unsupported parameter: '{name}' is not supported with this model."
    if not isinstance(body.get("model"), str) or not body["model"]:
        return "you must provide a model parameter"
    if body.get("stream") is not True:
        return "this fake only streams"
    if not 0 <= body.get("temperature", 1) <= 2:
        return "temperature must be between 0 and 2"
    if any(name in body and body[name] < 1 for name in ("max_tokens", "max_completion_tokens")):
        return "too few tokens"
    return _problem_in_messages(body.get("messages"))


def _problem_in_messages(messages: Any) -> str:
    if not isinstance(messages, list) or not messages:
        return "messages must be a list that is not empty"
    roles = [message.get("role") for message in messages]
    if roles[0] == "system":
        roles = roles[1:]
    if roles != (["user", "assistant"] * len(roles))[: len(roles)] or len(roles) % 2 == 0:
        return "conversation roles must alternate user/assistant/user/..."
    if not all(_is_content(message["role"], message.get("content")) for message in messages):
        return "a message has no content, or one that is not understood"
    return ""


def _is_content(role: str, content: Any) -> bool:
    if isinstance(content, str):
        return bool(content.strip())
    return role == "user" and isinstance(content, list) and bool(content) and all(map(_is_part, content))


def _is_part(part: Any) -> bool:
    match part:
        case {"type": "text", "text": str(text)}:
            return bool(text.strip())
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return _is_picture(url)
        case _:
            return False


def _is_picture(url: str) -> bool:
    head, _, data = url.partition(",")
    try:
        return head in {f"data:image/{kind};base64" for kind in ("png", "jpeg", "webp")} and bool(
            base64.b64decode(data, validate=True)
        )
    except binascii.Error:
        return False
