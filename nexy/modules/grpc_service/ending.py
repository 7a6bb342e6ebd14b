"""How calls end: with a goodbye, with an error, and never with a client that takes for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trio

from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.call import Call
from nexy.nursery.session import Ended, Why

GOODBYE_SECONDS = 1.0  # how long a client may take to take the news that its answer is stopped


@contextmanager
def patience(call: Call) -> Iterator[None]:
    """For last words to a client: one that does not take them in time is dropped."""
    with trio.move_on_after(GOODBYE_SECONDS) as patience:
        yield
    if patience.cancelled_caught:
        call.reset()


async def say_goodbye(call: Call, ended: Ended, message: Callable[[str], bytes]) -> None:
    """Tell the client how its answer ended."""
    error = translate.ended_badly(ended)
    if error is not None:
        await fail(call, error, message)
        return
    if ended.why in (Why.INTERRUPTED, Why.NEWER):
        await call.send(translate.end(translate.INTERRUPTED))
    await call.finish()


async def fail(call: Call, error: BaseException, message: Callable[[str], bytes] | None) -> None:
    """End a call with an error: as a message where the stream has one for it, and as a status."""
    status, text = translate.status_of(error)
    if message is not None:
        await call.send(message(text))
    await call.finish(status, text, translate.metadata_of(error))
