"""What is sent to the endpoint for one prompt."""

import base64
import json
from collections.abc import Collection, Iterator
from typing import Any

from nexy.modules.text_processing.model import Prompt
from nexy.modules.text_processing.prompt import conversation, instructions
from nexy.types import Screenshot

# The configuration has these two for Gemini only. The same values here, so that the models sound alike.
TEMPERATURE = 0.7
MOST_TOKENS = 2048  # of one answer

ROLES = {"user": "user", "model": "assistant"}

OPTIONAL = ("stream_options", "temperature", "max_tokens", "max_completion_tokens")
"""Parameters that an endpoint may not know and that an answer does without."""

_NO_PICTURE = b';base64,"'


def body_of(prompt: Prompt, model: str, *, own: bool, without: Collection[str]) -> bytes:
    """The request as JSON. `own` is the service itself; `without` names what the endpoint does not take."""
    limit = "max_tokens"
    if own or limit in without:  # other endpoints know the older name, the service's newer models do not
        limit = "max_completion_tokens"
    optional = {"temperature": TEMPERATURE, limit: MOST_TOKENS, "stream_options": {"include_usage": True}}
    body = {
        "model": model,
        "messages": list(_messages(prompt)),
        "stream": True,
        **{name: value for name, value in optional.items() if name not in without},
    }
    text = json.dumps(body, separators=(",", ":")).encode()
    return _with_picture(text, prompt.screenshot) if prompt.screenshot else text


def _with_picture(text: bytes, picture: Screenshot) -> bytes:
    """The request with the picture put where its address ends: the last such place, behind all that was said.

    The JSON encoder would look at each of its characters, and with ten megabytes hold everybody up for 0.1 s.
    """
    before, mark, after = text.rpartition(_NO_PICTURE)
    return b"".join((before, mark[:-1], base64.b64encode(picture.image), mark[-1:], after))


def _messages(prompt: Prompt) -> Iterator[dict[str, Any]]:
    """The system message, then the user and the assistant in turns; none of them empty."""
    yield {"role": "system", "content": prompt.task or instructions("", prompt.recollection)}
    *earlier, last = conversation(prompt)
    for turn in earlier:
        yield {"role": ROLES[turn.role], "content": "\n".join(turn.texts)}
    said = "\n".join(last.texts)
    yield {"role": "user", "content": _with_place(said, prompt.screenshot) if prompt.screenshot else said}


def _with_place(said: str, picture: Screenshot) -> list[dict[str, Any]]:
    """What was said, and where `_with_picture` will put the picture."""
    return [
        {"type": "text", "text": said},
        {"type": "image_url", "image_url": {"url": f"data:image/{picture.kind};base64,"}},
    ]
