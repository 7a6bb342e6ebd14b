"""A whole conversation with the offline assistant in one call, at ten past two of a Saturday."""

from datetime import UTC, datetime

from nexy.modules.text_processing.model import Prompt
from nexy.modules.text_processing.providers.offline.assistant import answer
from nexy.types import Exchange, Screenshot

SATURDAY = datetime(2026, 10, 3, 14, 5, tzinfo=UTC)


def talk(*said: str, screenshot: Screenshot | None = None, now: datetime = SATURDAY) -> str:
    """What the assistant answers to the last of `said`, when all of it was said one after the other."""
    history: list[Exchange] = []
    for prompt in said:
        answered = answer(Prompt(prompt, tuple(history), screenshot), now)
        history.append(Exchange(prompt, answered))
    return history[-1].heard
