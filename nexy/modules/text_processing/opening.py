"""Opening the language models that the configuration names, as one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from nexy.config import ModelsConfig
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
async def open_model(config: ModelsConfig) -> AsyncIterator[LanguageModel]:
    """The models that `config` names, tried in its order.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        names = config.llm_providers
        models = [await stack.enter_async_context(PROVIDERS[name](config)) for name in names]
        yield models[0] if len(models) == 1 else FirstThatWorks(tuple(models), ",".join(names))
