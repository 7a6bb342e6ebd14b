"""What a worker tells its supervisor, who speaks for all workers together."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from nexy.integrations.doorkeeping import refusal
from nexy.integrations.gauges import metrics_of
from nexy.integrations.status import Status
from nexy.modules.session_management import Doorkeeper
from nexy.nursery.control import Control


def answers(status: Status, doorkeeper: Doorkeeper) -> Callable[[Mapping[str, Any]], Awaitable[Any]]:
    """What is answered to each question."""

    async def answer(question: Mapping[str, Any]) -> Any:
        match question.get("what"):
            case "reasons":
                return None if status.sessions.closing else status.reasons()  # None: it does not listen
            case "status":
                return status.whole()
            case "metrics":
                return metrics_of(status, "")[0].decode()
            case "door":
                why_not = refusal(doorkeeper, question.get("authorization"), str(question.get("host")))
                return why_not and asdict(why_not)
        return None

    return answer


async def be_overseen(control: Control, answer: Callable[[Mapping[str, Any]], Awaitable[Any]]) -> None:
    """Answer the supervisor; when it is gone, go too, in good order."""
    await control.run(answer)
    os.kill(os.getpid(), signal.SIGTERM)
