"""The log: one line a turn, with its times and sizes; never a prompt, an answer, a key or an id.

Every line goes through the standard library's loggers. So a program that uses a part of Nexy and never
calls `set_up` hears of failures on stderr, as from any library; nothing is ever written to stdout.
"""

import hashlib
import logging
import secrets
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import structlog

from nexy.errors import NexyError

_KEY = secrets.token_bytes(32)  # of this process: the same device has the same name in one log, in no other

_shared: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger of that name: `log.info("what", fact=1)`.

    structlog's own default would print to stdout until somebody configures it; this one needs nobody.
    """
    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )
    return bound


turns = logger("nexy.turn")


def set_up(level: str, form: str, **facts: str) -> None:
    """Write the log to stderr, as JSON lines or for a person; the standard library's loggers too.

    `facts` are on every line: which worker it is, where there are several.
    """
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if form == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_without_traceback, *_shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _with(facts), renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A library's own lines of every call would say what ours says once a turn.
    for name in (
        "grpclib",
        "hpack",
        "h2",
        "asyncio",
        "hypercorn",
        "httpx2",
        "httpcore2",
        "google_genai",
        "alembic",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _with(facts: Mapping[str, str]) -> structlog.typing.Processor:
    def add(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**event, **facts}

    return add


def _without_traceback(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A traceback's last line may quote what a user said: only the kind of the error and its place stay."""
    record = event.get("_record")
    if record is not None and record.exc_info and record.exc_info[1] is not None:
        event["error"] = where(record.exc_info[1])
        event.pop("exc_info", None)
        record.exc_info = record.exc_text = None
    return event


def where(error: BaseException) -> str:
    """The kind of an error and the place that raised it, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    at = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return f"{type(error).__name__} at {at}" if at else type(error).__name__


def _hashed(name: str) -> str:
    return hashlib.blake2s(name.encode(), key=_KEY, digest_size=6).hexdigest()


def log_turn(
    hardware_id: str, session_id: str, why: str, *, error: BaseException | None, **facts: Any
) -> None:
    """Write the one line of a turn that is over. Times are seconds, rounded to a tenth of a millisecond."""
    line = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in facts.items()
        if value is not None
    }
    line |= {"device": _hashed(hardware_id), "session": _hashed(session_id), "why": why}
    if error is None:
        turns.info("turn", **line)
    elif isinstance(error, NexyError):
        turns.warning("turn", error=type(error).__name__, **line)
    else:
        turns.error("turn", error=where(error), **line)
