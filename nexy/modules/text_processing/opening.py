"""Opening the language models that the configuration names, as one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import trio

from nexy.config import LimitsConfig, ModelsConfig, PatienceConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.model import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.modules.text_processing.turnstile import Turnstile
from nexy.utils.breaker import State
from nexy.utils.guarded import Guarded, Trials, Waits, guard, states, switch

MOST_CALLS = LimitsConfig().max_concurrent_requests

REISSUED = frozenset({"gemini"})
"""About one request in ten stalls there for more than 20 s, while an answer that comes begins within 3.5 s
(seen by the users of other systems): half of the wait is for a second request."""


class FirstThatWorks:
    """Several models as one: each is asked when the ones before it could not begin.

    Which one answers is settled when the stream's block is entered: it has said its first word by then.
    Half an answer is never followed by another whole one.
    """

    def __init__(
        self, models: Sequence[LanguageModel], patience: PatienceConfig, most_calls: int = MOST_CALLS
    ) -> None:
        self.name = ",".join(model.name for model in models)
        self._models = guard(models, patience.circuit_breaker_threshold, patience.circuit_breaker_seconds)
        self._waits = Waits(patience.model_first_word_seconds, patience.model_idle_seconds)
        self.turnstile = Turnstile(most_calls, patience.model_first_word_seconds)

    @property
    def states(self) -> dict[str, State]:
        """How each of them is doing, by its name."""
        return states(self._models, trio.current_time())

    def switch(self, name: str, *, on: bool) -> bool:
        """Take the model of that name out, or put it back; False when there is none. What runs goes on."""
        return switch(self._models, name, on=on)

    @property
    def providers(self) -> Sequence[Guarded[LanguageModel]]:
        """Each of them with its breaker, its tries and its faults."""
        return self._models

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        async with self.turnstile.turn(prompt.asker), self._stream(prompt) as pieces:
            yield pieces

    @asynccontextmanager
    async def _stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        trials = Trials(self._models, self._waits, REISSUED)
        for model, waits in trials:
            answering = False
            try:
                async with model.begin(model.provider.stream(prompt), waits) as pieces:
                    if not pieces.first or isinstance(pieces.first[0], Usage):
                        raise ProviderError(f"{model.provider.name} gave no answer", Fault.EMPTY)
                    answering = True
                    yield pieces
                    return
            except ProviderError as error:
                if answering or error.fault is Fault.BLOCKED:
                    raise
                trials.failures.append(error)
        raise _told(trials.none_works())


def _told(error: ProviderError) -> ProviderError:
    """`error` as it is told: what no model takes is not answered later either."""
    return ProviderError(str(error), Fault.BLOCKED) if error.fault is Fault.UNFIT else error


@asynccontextmanager
async def open_model(
    config: ModelsConfig, patience: PatienceConfig, most_calls: int = MOST_CALLS
) -> AsyncIterator[FirstThatWorks]:
    """The models that `config` names, tried in its order; `most_calls` to them at once.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        names = config.llm_providers
        models = [await stack.enter_async_context(PROVIDERS[name](config)) for name in names]
        yield FirstThatWorks(models, patience, most_calls)
