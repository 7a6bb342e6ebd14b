"""A conversation that moves from process to process: what was said, and is being said, comes along."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Client
from tests.e2e.test_conversation import OFFLINE, WHAT_DID_YOU_SAY
from tests.e2e.test_workers import LONG, Workers, calling, launch
from tests.nats import needs_nats

__all__ = ["calling", "launch"]
pytestmark = needs_nats

Calling = Callable[[Workers], list[Client]]


def test_old_clients_go_on_wherever_their_requests_come(launch: Any, calling: Calling) -> None:
    one, two = calling(launch(**OFFLINE))
    for first, second, word in ((one, two, "apple"), (two, one, "pear"), (two, one, "plum")):
        first.say(f"Say after me: {word}").wait()
        time.sleep(1)  # until it is played
        assert word in second.say(WHAT_DID_YOU_SAY).wait().text.lower()


@pytest.mark.parametrize("session", ["", "one"])
def test_what_is_collected_by_one_is_committed_by_the_other(
    session: str, launch: Any, calling: Calling
) -> None:
    clients = calling(launch(**OFFLINE))
    for collecting, committing in (clients, clients[::-1]):
        for number, text in enumerate(("What is", "What is 17 times")):
            part: dict[str, Any] = {"phase": 1, "chunk_seq": number, "session_id": session}
            collecting.say("", chunk_text=text, **part).wait()
        asked = committing.say("", chunk_text="3?", phase=2, session_id=session)
        assert "51" in asked.wait().text
        empty = collecting.say("", phase=2, session_id=session)
        assert "prompt" in empty.wait().details  # it was committed


def test_a_newer_request_of_a_session_ends_the_older_one_there(launch: Any, calling: Calling) -> None:
    one, two = calling(launch(**LONG))
    older = one.say(session_id="one", timeout=None)
    apart = one.say(session_id="apart", timeout=None)
    assert older.speaking()
    assert apart.speaking()
    newer = two.say(session_id="one", timeout=None)
    assert older.wait(5).items[-1][1:] == ("end_message", "interrupted")
    assert newer.speaking()
    assert apart.status is None
    assert sorted(one.interrupt().interrupted_sessions) == ["apart", "one"]


def test_the_newest_answer_is_the_only_one_where_that_is_configured(launch: Any, calling: Calling) -> None:
    one, two = calling(launch(INTERRUPT_OLDER_ELSEWHERE="true", **LONG))
    older = one.say(session_id="one", timeout=None)
    assert older.speaking()
    assert two.say("", session_id="two").wait(5).status is not None  # no request: it ends nothing
    assert older.status is None
    newer = two.say(session_id="two", timeout=None)
    assert older.wait(5).items[-1][1:] == ("end_message", "interrupted")
    assert newer.speaking()
    assert one.interrupt().interrupted_sessions == ["two"]
