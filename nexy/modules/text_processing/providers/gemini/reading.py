"""Makes an answer of the chunks that Gemini sends. Pure: a chunk in, pieces out, a verdict at the end."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nexy.errors import Fault
from nexy.modules.text_processing.model import Piece, Usage
from nexy.modules.text_processing.sources import sources

if TYPE_CHECKING:
    from google.genai.types import Candidate, GenerateContentResponse, GenerateContentResponseUsageMetadata

MOST_SOURCES = 3  # more cannot be remembered by one who listens
_LONGEST_SOURCE = 60  # characters; a longer title is no name of a site

_REDIRECTS = "vertexaisearch.cloud.google.com"  # the host of all links to sources: it names none of them

_ENDS = {
    **dict.fromkeys(("STOP",), None),
    **dict.fromkeys(("MAX_TOKENS", "CONTINUATION"), Fault.CUT),
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "LANGUAGE",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "ESCALATION",
            "MODEL_ARMOR",
        ),
        Fault.BLOCKED,
    ),
    **dict.fromkeys(("MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE"), Fault.MALFORMED),
    "PUP_LIMITED_DISABLED": Fault.KEY,
    "": Fault.DROPPED,  # it never said that it was done
}


class Reading:
    """One answer while it is read."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._usage: GenerateContentResponseUsageMetadata | None = None
        self._sites: dict[str, None] = {}  # in order, each once
        self._held = ""  # white space before the first word: an answer of nothing else is none
        self._text: list[str] = []
        self._end = ""  # Gemini's own word for why it stopped
        self._blocked = False

    def __repr__(self) -> str:
        return f"<Reading: {len(self._text)} pieces, end={self._end or None}>"

    @property
    def finished(self) -> bool:
        """Whether Gemini has said that the answer is over, for whatever reason."""
        return bool(self._end) or self._blocked

    def take(self, chunk: "GenerateContentResponse") -> str:
        """The text that `chunk` adds to the answer, or nothing."""
        self._usage = chunk.usage_metadata or self._usage
        self._model = chunk.model_version or self._model
        feedback = chunk.prompt_feedback
        if feedback and feedback.block_reason and feedback.block_reason.value != "BLOCKED_REASON_UNSPECIFIED":
            self._blocked = True
        if not chunk.candidates:
            return ""
        candidate = chunk.candidates[0]
        if candidate.finish_reason and candidate.finish_reason.value != "FINISH_REASON_UNSPECIFIED":
            self._end = str(candidate.finish_reason.value)
        self._sites |= dict.fromkeys(_sites(candidate))
        return self._said(_text(candidate))

    def _said(self, text: str) -> str:
        if not self._text:
            text = self._held + text
            if not text.strip():
                self._held = text
                return ""
        if text:
            self._text.append(text)
        return text

    def rest(self) -> Iterator[Piece]:
        """What follows the text once there are no more chunks: the sources, and what it cost."""
        if not self._text:
            return
        if self._sites and self.fault is None:
            yield sources("".join(self._text), list(self._sites)[:MOST_SOURCES])
        if usage := self._usage:
            yield Usage(
                (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0),
                (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
                self._model,
            )

    @property
    def fault(self) -> Fault | None:
        """What was wrong with the whole of it, once there are no more chunks."""
        fault = Fault.BLOCKED if self._blocked else _ENDS.get(self._end, Fault.BROKEN)
        if self._text or fault in (Fault.BLOCKED, Fault.KEY, Fault.MALFORMED):
            return fault
        return Fault.EMPTY


def _text(candidate: "Candidate") -> str:
    """The text of the answer itself: thoughts and calls of tools are left out."""
    parts = (candidate.content and candidate.content.parts) or []
    return "".join(part.text for part in parts if part.text and not part.thought)


def _sites(candidate: "Candidate") -> Iterator[str]:
    """The names of the web sites that the answer rests on."""
    grounding = candidate.grounding_metadata
    for chunk in (grounding and grounding.grounding_chunks) or []:
        if chunk.web:
            host = urlsplit(chunk.web.uri or "").hostname or ""
            title = " ".join((chunk.web.title or "").split())
            name = title if 0 < len(title) <= _LONGEST_SOURCE else host
            if name and name != _REDIRECTS:
                yield name.removeprefix("www.")
