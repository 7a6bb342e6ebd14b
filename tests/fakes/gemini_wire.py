"""What Gemini's REST interface (v1beta) says and takes, as values: chunks, errors, the check of a request."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

MODEL = "gemini-2.5-flash"
USAGE: Json = {
    "promptTokenCount": 11,
    "candidatesTokenCount": 22,
    "totalTokenCount": 40,
    "thoughtsTokenCount": 7,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}],
}
"""11 tokens in; 22 of the answer and 7 of the thoughts out."""


def said(text: str) -> Json:
    return {"text": text}


def thought(text: str) -> Json:
    return {"text": text, "thought": True}


def chunk(*parts: Json, finish: str = "", usage: Json | None = None, grounding: Json | None = None) -> Json:
    """One GenerateContentResponse of a stream."""
    candidate: Json = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if not parts:
        candidate["content"] = {"role": "model"}
    if finish:
        candidate["finishReason"] = finish
    if grounding:
        candidate["groundingMetadata"] = grounding
    whole: Json = {"candidates": [candidate], "modelVersion": MODEL, "responseId": "2f1ZafLxBs"}
    return whole | {"usageMetadata": usage or {"promptTokenCount": 11, "totalTokenCount": 11}}


def blocked_prompt(reason: str = "SAFETY") -> Json:
    """What comes instead of candidates when the prompt itself is not answered."""
    return {
        "promptFeedback": {"blockReason": reason, "safetyRatings": []},
        "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11},
        "modelVersion": MODEL,
    }


def grounded(
    *titles: str, uri: str = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/A"
) -> Json:
    """The groundingMetadata of an answer that used the web pages of these titles."""
    return {
        "searchEntryPoint": {"renderedContent": "<style></style>"},
        "groundingChunks": [{"web": {"uri": f"{uri}{n}", "title": title}} for n, title in enumerate(titles)],
        "groundingSupports": [{"segment": {"endIndex": 5, "text": "Hello"}, "groundingChunkIndices": [0]}],
        "webSearchQueries": ["weather"],
    }


@dataclass(frozen=True)
class Failure:
    """An error as Google's front end sends it."""

    code: int
    status: str
    message: str
    details: Sequence[Json] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Json:
        inner: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            inner["details"] = list(self.details)
        return {"error": inner}


def _info(reason: str) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }


def quota(retry_delay: str = "", retry_after: str = "") -> Failure:
    """429. `retry_delay` goes into the body ("36s"), `retry_after` into the header."""
    violation = {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "quotaValue": "10"}
    details: list[Json] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
    ]
    if retry_delay:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry_delay})
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Failure(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details, headers)


def busy(retry_after: str = "") -> Failure:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Failure(503, "UNAVAILABLE", "The model is overloaded. Please try again later.", (), headers)


def bad_argument(message: str) -> Failure:
    return Failure(400, "INVALID_ARGUMENT", message)


WRONG_KEY = Failure(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    (
        _info("API_KEY_INVALID"),
        {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US"},
    ),
)
NO_KEY = Failure(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
NOT_AUTHENTICATED = Failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
INTERNAL = Failure(500, "INTERNAL", "An internal error has occurred.")
LATE = Failure(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")
HERE_IS_NOT_SERVED = Failure(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")


def suspended_key(key: str) -> Failure:
    """The service's own message holds the key."""
    message = f"Permission denied: Consumer 'api_key:{key}' has been suspended."
    return Failure(403, "PERMISSION_DENIED", message, (_info("CONSUMER_SUSPENDED"),))


def no_model(name: str) -> Failure:
    message = f"models/{name} is not found for API version v1beta, or is not supported for generateContent."
    return Failure(404, "NOT_FOUND", message)


# fmt: off
_REQUEST = "* GenerateContentRequest"
_TOP = {
    "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings",
    "cachedContent", "labels", "model", "serviceTier",
}
_GENERATION = {
    "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed",
    "responseMimeType", "responseSchema", "responseModalities", "presencePenalty", "frequencyPenalty",
    "thinkingConfig", "mediaResolution",
}
_TOOLS = {"googleSearch", "urlContext", "codeExecution", "functionDeclarations"}
_PART = {"text", "inlineData", "thought", "thoughtSignature"}
_PICTURES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}
# fmt: on


def request(body: bytes) -> tuple[Json, str]:
    """A request with its names in camel case, and what the real service would say against it, or ""."""
    try:
        asked = _camel(json.loads(body))
    except ValueError:
        return {}, "Invalid JSON payload received."
    return asked, next(_problems(asked), "")


def _camel(value: Any) -> Any:
    """Both "mime_type" and "mimeType" are understood; the SDK sends either."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {
            re.sub("_([a-z])", lambda m: m[1].upper(), name): _camel(item) for name, item in value.items()
        }
    return value


def _problems(asked: Json) -> Iterator[str]:
    yield from _unknown(asked, _TOP, "")
    contents = asked.get("contents") or []
    if not contents:
        yield f"{_REQUEST}.contents: contents is not specified"
    for n, content in enumerate(contents):
        yield from _content(content, f"contents[{n}]")
        if content.get("role") != ("user", "model")[n % 2]:
            yield "Please ensure that multiturn requests alternate between user and model."
    if contents and contents[-1].get("role") != "user":
        yield "Please ensure that multiturn requests end with a user role or a function response."
    if "systemInstruction" in asked:
        yield from _content(asked["systemInstruction"], "system_instruction")
    yield from _generation(asked.get("generationConfig", {}))
    for n, tool in enumerate(asked.get("tools", [])):
        yield from _unknown(tool, _TOOLS, f" at 'tools[{n}]'")


def _generation(config: Json) -> Iterator[str]:
    yield from _unknown(config, _GENERATION, " at 'generation_config'")
    if not 0 <= config.get("temperature", 0) <= 2:
        yield f"{_REQUEST}.generation_config.temperature: temperature must be in the range [0.0, 2.0]."
    if config.get("maxOutputTokens", 1) < 1:
        yield f"{_REQUEST}.generation_config.max_output_tokens: must be positive."


def _content(content: Json, where: str) -> Iterator[str]:
    yield from _unknown(content, {"parts", "role"}, f" at '{where}'")
    if not content.get("parts"):
        yield f"{_REQUEST}.{where}.parts: contents.parts must not be empty."
    for n, part in enumerate(content.get("parts", [])):
        yield from _unknown(part, _PART, f" at '{where}.parts[{n}]'")
        if "inlineData" in part:
            yield from _picture(part["inlineData"])
        elif not part.get("text"):
            missing = "required oneof field 'data' must have one initialized field"
            yield f"{_REQUEST}.{where}.parts[{n}].data: {missing}"


def _picture(data: Json) -> Iterator[str]:
    if data.get("mimeType") not in _PICTURES:
        yield f"Unsupported MIME type: {data.get('mimeType')}"
    try:
        if not base64.b64decode(data.get("data", "").translate({45: 43, 95: 47}), validate=True):
            yield "Unable to process input image."
    except binascii.Error:
        yield "Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed"


def _unknown(given: Json, known: set[str], where: str) -> Iterator[str]:
    for name in given.keys() - known:
        yield f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
