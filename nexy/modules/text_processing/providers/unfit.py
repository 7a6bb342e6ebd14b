"""Whether a refusal is for what one user sent, a picture or a prompt, while others can be answered. Pure.

Told by the status and the words of whoever refuses. The words go no further: they can quote the prompt.
"""

import re

from nexy.errors import Fault

DOUBTS = 3  # vague refusals in a row, after which it is the setup's fault rather than each request's

MOST_CHARS = 10_000  # of the words that are looked at

# A picture for a model that sees none. It is said with any status: 404 by OpenRouter, 500 by llama.cpp
# (#13566, #12947) and by Ollama.
_NO_EYES = re.compile(r"image input|image_url|\bmmproj\b|\bnot a multimodal model", re.IGNORECASE)

# What else is said with 400 of something that is another one in each request. What is before or behind a
# hyphen or a slash belongs to the name of a model.
_SENT = re.compile(
    r"""(?<![a-z/-]) (?: images? | pictures? | base64 ) (?![a-z-])
    | (?<!\w) (?: inline_?data | mime[ _]?type )
    | context[ _](?:length|window|size)
    | token\ count
    | payload\ size
    | \b(?:prompt|input|request|payload|message|content)s?\b [^.]{0,40} \b(?:too\ (?:long|large)|exceeds)\b
    | \b(?:contents|messages)[\[.]""",
    re.IGNORECASE | re.VERBOSE,
)
_KEY = re.compile(r"(?<![a-z])api[ _-]?key(?![a-z])", re.IGNORECASE)


class Proof:
    """Whether a setup is known to work: an answer proves it, until it is refused again and again."""

    def __init__(self) -> None:
        self._left = 0

    def __bool__(self) -> bool:
        return self._left > 0

    def answered(self) -> None:
        self._left = DOUBTS

    def refused(self, fault: Fault) -> None:
        """A request has met `fault`."""
        if fault is Fault.UNFIT and self._left:
            self._left -= 1


def unfit(status: int, words: str) -> bool:
    """Whether a refusal with this HTTP status and these words is for what was sent."""
    words = words[:MOST_CHARS]
    if status in (413, 422) or _NO_EYES.search(words):
        return True
    return status == 400 and bool(_SENT.search(words))


def names_a_key(words: str) -> bool:
    """Whether a refusal is for the key, though its status may be 400."""
    return bool(_KEY.search(words[:MOST_CHARS]))
