"""What a user hears whose picture or prompt no model takes."""

import trio
from trio.testing import MockClock

from nexy.errors import Fault, ProviderError
from nexy.integrations import phrases
from nexy.modules.grpc_service.translate import status_of
from nexy.nursery.session import Ended
from tests.integrations.fakes import Client, Model, ask, cast, conversation

UNFIT = ProviderError("model: the picture is not taken", Fault.UNFIT)


async def test_it_cannot_be_answered_and_is_not_to_be_tried_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Not that it should be tried again in a moment, which is what is said of a model that is down."""
    talk, ended, client = conversation(nursery, cast(Model(UNFIT))), list[Ended](), Client()
    await ask(talk, ended, client=client)
    assert client.texts == [phrases.DECLINED["en"]]
    assert client.seconds > 0
    error = ended[0].error
    assert error is not None
    assert status_of(error)[0].name == "FAILED_PRECONDITION"
