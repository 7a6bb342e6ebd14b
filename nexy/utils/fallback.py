"""Fallback: several providers of the same thing, of which the first that works is used."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

import trio

from nexy.errors import ProviderError
from nexy.types import Stream

T = TypeVar("T")


@trio.as_safe_channel
async def first_that_works(streams: Sequence[Callable[[], Stream[T]]]) -> AsyncGenerator[T, None]:
    """The values of the first stream that gives any.

    Switches to the next one only before the first value: half an answer plus a whole one is worse
    than an error. Raises ProviderError when none works.
    """
    failures: list[str] = []
    for stream in streams:
        begun = False
        try:
            async with stream() as values:
                async for value in values:
                    begun = True
                    yield value  # noqa: ASYNC119 - as_safe_channel runs and closes this generator in a task
        except ProviderError as error:
            if begun:
                raise
            failures.append(str(error))
        else:
            if begun:
                return
    raise ProviderError("; ".join(failures) or "nothing came")
