"""What a failure of the endpoint is, told from its status or from the names that it gives.

Nothing that the endpoint wrote gets into an error's text: it may quote the prompt or the key.
"""

from collections.abc import Mapping
from typing import Any

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.unfit import names_a_key, unfit

_TEXTS = {
    Fault.KEY: "openai: the key is missing, wrong or has no rights",
    Fault.QUOTA: "openai: the account's limit is reached",
    Fault.BUSY: "openai: the endpoint has a fault of its own, or too much to do",
    Fault.REFUSED: "openai: the endpoint does not take this request; is the model's name right?",
    Fault.UNFIT: "openai: the endpoint does not take the picture or the words that were sent",
    Fault.BLOCKED: "openai: the endpoint will not answer this",
    Fault.UNREACHABLE: "openai: the endpoint cannot be reached",
    Fault.DROPPED: "openai: the connection broke off",
    Fault.EMPTY: "openai: the answer has no text",
    Fault.CUT: "openai: the answer reached its greatest length",
    Fault.MALFORMED: "openai: what came is not the chat protocol",
    Fault.BROKEN: "openai: the request failed",
}

# Parts of the codes and types that endpoints use; the first line that has one decides.
_NAMES = (
    (Fault.BLOCKED, ("content_filter", "content_policy", "moderation", "safety")),
    (Fault.QUOTA, ("rate_limit", "ratelimit", "quota", "billing", "too_many_requests", "exhausted")),
    (Fault.KEY, ("api_key", "authentication", "permission", "unauthorized", "forbidden")),
    (
        Fault.REFUSED,
        ("invalid", "not_found", "notfound", "bad_request", "badrequest", "unsupported", "exceeded"),
    ),
)


def failure(fault: Fault, retry_after_seconds: float | None = None) -> ProviderError:
    return ProviderError(_TEXTS[fault], fault, retry_after_seconds=retry_after_seconds)


def of_status(status: int) -> Fault:
    """What an HTTP status that is not 2xx says."""
    if status in (401, 403):
        return Fault.KEY
    if status in (402, 429):  # 402: a prepaid account is empty
        return Fault.QUOTA
    return Fault.BUSY if status >= 500 else Fault.REFUSED


def of_error(error: Any) -> Fault:
    """What an error that the endpoint described says: {"code": …, "type": …}, a text, or anything."""
    if not isinstance(error, Mapping):
        return Fault.BUSY
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    words = f"{error.get('message')} {error.get('param')} {code} {error.get('type')}"
    if isinstance(code, int) and 400 <= code < 600:
        return _of_whom(of_status(code), code, words)
    names = f"{code} {error.get('type')}".lower()
    for fault, parts in _NAMES:
        if any(part in names for part in parts):
            return _of_whom(fault, 400, words)
    return Fault.BUSY


def of_answer(status: int, described: Any, words: str, *, proven: bool = False) -> Fault:
    """What a whole answer with an HTTP status that is not 2xx says; `words` is all that came with it.

    `proven`: another request of the same setup was answered.
    """
    fault = of_status(status)
    if fault is Fault.REFUSED and of_error(described) is Fault.BLOCKED:
        return Fault.BLOCKED  # a filter that looks at the prompt answers 400
    fault = _of_whom(fault, status, words)
    return Fault.UNFIT if proven and status == 400 and fault is Fault.REFUSED else fault


def _of_whom(fault: Fault, status: int, words: str) -> Fault:
    """`fault`, or what it is when the words say that it is of the key or of what was sent."""
    if fault not in (Fault.REFUSED, Fault.BUSY):
        return fault
    if status == 400 and names_a_key(words):
        return Fault.KEY
    return Fault.UNFIT if unfit(status, words) else fault
