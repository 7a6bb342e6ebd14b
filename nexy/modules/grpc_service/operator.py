"""The RPC for whoever runs the server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nexy.errors import Forbidden, NexyError
from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.call import Call
from nexy.modules.grpc_service.ending import fail, patience
from nexy.modules.grpc_service.streaming import (
    OperatorServiceBase,
    ProviderState,
    SwitchProviderRequest,
    SwitchProviderResponse,
)
from nexy.monitoring import logger
from nexy.nursery.border import TrioService
from nexy.types import Caller

log = logger("nexy.operator")

MOST_REQUEST_BYTES = 4096


class Provided(Protocol):
    """How one provider is doing."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...


class Switched(Protocol):
    """What came of a switch."""

    @property
    def processes(self) -> int:
        """Those that did it."""
        ...

    @property
    def bus_away(self) -> bool:
        """Whether no other process could be told."""
        ...


class Providers(Protocol):
    """All models and voices, of all processes."""

    @property
    def states(self) -> Sequence[Provided]: ...

    async def switch(self, name: str, *, on: bool) -> Switched:
        """Raises BadRequest for an unknown name."""
        ...


@dataclass(frozen=True)
class OperatorService:
    """Takes providers out and puts them back."""

    providers: Providers
    admit: Callable[[Call], Caller]  # who calls; raises NexyError for whom nothing is done
    forbidden: Callable[[str], Forbidden]  # the error to raise for a caller who may not do this

    def service(self) -> TrioService:
        """As the border serves it."""
        rpcs = {"SwitchProvider": self.switch_provider}
        return TrioService(OperatorServiceBase(), rpcs, MOST_REQUEST_BYTES, self.admit)

    async def switch_provider(self, call: Call) -> None:
        answer = SwitchProviderResponse()
        try:
            request = translate.parse(SwitchProviderRequest, call.request())
            if not call.caller.operator:
                raise self.forbidden(
                    "this is for operators: it needs an operator's token, or the same machine"
                )
            if request.name:
                switched = await self.providers.switch(request.name, on=request.on)
                answer.processes, answer.bus_away = switched.processes, switched.bus_away
                log.warning("a provider was switched", provider=request.name, on=request.on)
        except NexyError as error:
            await fail(call, error, None)
            return
        answer.providers = [ProviderState(one.name, one.kind, one.state) for one in self.providers.states]
        with patience(call):
            await call.send(bytes(answer))
            await call.finish()
