"""Opening the language models that the configuration names, as one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from nexy.modules.text_processing.model import LanguageModel, Piece, Prompt
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.types import Stream
from nexy.utils.fallback import first_that_works


@dataclass(frozen=True)
class FirstThatWorks:
    """Several models as one: each is asked when the one before it could not even begin."""

    models: tuple[LanguageModel, ...]
    name: str

    def stream(self, prompt: Prompt) -> Stream[Piece]:
        return first_that_works([partial(model.stream, prompt) for model in self.models])


@asynccontextmanager
async def open_model(
    names: Sequence[str], options: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[LanguageModel]:
    """The models called `names`, tried in this order, each with its `options` by name.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        models = [await stack.enter_async_context(PROVIDERS[name](**options.get(name, {}))) for name in names]
        yield models[0] if len(models) == 1 else FirstThatWorks(tuple(models), ",".join(names))
