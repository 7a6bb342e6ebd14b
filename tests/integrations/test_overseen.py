"""What a worker tells its supervisor."""

import json
import signal
import socket
import time

import trio
from prometheus_client.parser import text_string_to_metric_families

from nexy.integrations.overseen import answers, be_overseen
from nexy.modules.session_management import Doorkeeper, Seal, new_grant
from nexy.nursery.control import Control
from nexy.types import HardwareId
from tests.integrations.fakes import Model, cast, conversation
from tests.integrations.test_status import status_of

SEAL = Seal(b"a secret of more than thirty-two bytes")


async def test_what_is_asked_is_answered(nursery: trio.Nursery) -> None:
    who = cast(Model("One. "))
    talk = conversation(nursery, who)
    status = status_of(talk, who)
    answer = answers(status, Doorkeeper(None))
    assert await answer({"what": "reasons"}) == []
    whole = await answer({"what": "status"})
    assert whole["ready"] is True
    assert json.loads(json.dumps(whole)) == whole  # it goes over a line of JSON
    names = {family.name for family in text_string_to_metric_families(await answer({"what": "metrics"}))}
    assert {"nexy_ready", "nexy_sessions"} <= names
    assert await answer({"what": "nonsense"}) is None
    assert await answer({}) is None
    status.database.trouble = "is gone"  # type: ignore[misc]
    assert await answer({"what": "reasons"}) == ["the database is gone"]
    await talk.sessions.drain()
    assert await answer({"what": "reasons"}) is None  # it does not listen


async def test_who_may_see_the_pages_of_operators(nursery: trio.Nursery) -> None:
    who = cast(Model("One. "))
    doorkeeper = Doorkeeper(SEAL)
    answer = answers(status_of(conversation(nursery, who), who), doorkeeper)

    async def door(shown: str | None) -> int:
        told = await answer({"what": "door", "authorization": shown, "host": "192.0.2.1"})
        return told["status"] if told else 200

    anna, operator = (
        f"Bearer {SEAL.sign(new_grant(device, 60, time.time()))}" for device in (HardwareId("anna"), None)
    )
    assert await door(operator) == 503  # what was revoked is not known yet
    doorkeeper.revoked = frozenset()
    assert [await door(shown) for shown in (operator, anna, None, "Bearer x")] == [200, 403, 401, 401]


async def test_when_its_supervisor_is_gone_it_goes_too() -> None:
    ours, theirs = socket.socketpair()
    control = Control(ours)

    async def answer(_: object) -> None: ...

    with trio.fail_after(5), trio.open_signal_receiver(signal.SIGTERM) as signals:
        theirs.close()
        await be_overseen(control, answer)
        assert await anext(signals) == signal.SIGTERM
    await control.aclose()
