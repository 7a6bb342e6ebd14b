"""What the service can be given to say."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

PART_BYTES = 4096  # of escaped UTF-8: the service takes no more in one request

# Not allowed in XML 1.0; the service drops the connection.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def sayable(text: str) -> str:
    """`text`, character for character, with a space for each that the service does not take.

    Empty when there is nothing in it to say.
    """
    clean = _NOT_XML.sub(" ", text)
    return clean if any(map(str.isalnum, clean)) else ""


def parts(text: str) -> Iterator[str]:
    """`text` in parts of which the service takes each, cut at white space where there is some.

    So is what the library does by itself, but it would open the second connection without
    telling whether the first part was complete.
    """
    while text.strip():
        end = _fitting(text)
        if end < len(text):
            space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
            end = space + 1 if space > 0 else end
        if any(map(str.isalnum, text[:end])):
            yield text[:end]
        text = text[end:]


def _fitting(text: str) -> int:
    """How many characters of `text` are PART_BYTES or fewer when they are escaped."""
    size = 0
    for index, character in enumerate(text[: PART_BYTES + 1]):
        size += len(escape(character).encode())
        if size > PART_BYTES:
            return index
    return len(text)
