"""An answer that is over is forgotten at once: nothing of it waits for the garbage collector."""

import gc
from collections.abc import Callable
from typing import Any

from nexy.nursery.border import Call
from tests.e2e.conftest import Client, Running, until


def test_no_call_waits_for_the_collector(
    serve: Callable[..., Running], connect: Callable[..., Client]
) -> None:
    running = serve(SCRIPTED_WORD_SECONDS="0.01")
    client = connect(running)

    def calls() -> int:
        return sum(isinstance(one, Call) for one in gc.get_objects())

    client.say(timeout=None).wait()  # what is made only once is there
    gc.collect()
    gc.disable()
    try:
        for turn in range(4):
            answer = client.say(timeout=None, who=f"user-{turn}", session_id=f"s-{turn}")
            assert answer.speaking()
            if turn % 2:
                assert client.interrupt(f"user-{turn}").success
            answer.wait()
        client.stub.InterruptSession(_wrong(client), timeout=5)
        assert until(lambda: running.active == 0)
        assert until(lambda: calls() == 0), "a call, with its request, is held by a cycle"
    finally:
        gc.enable()


def _wrong(client: Client) -> Any:
    return client.pb.InterruptRequest(hardware_id="nobody")
