"""All models and voices, for an operator: how each is doing, and taking one out or putting it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nexy.errors import BadRequest
from nexy.utils.breaker import State


class Several(Protocol):
    """Several providers as one."""

    @property
    def states(self) -> Mapping[str, State]:
        """By name, in the order in which they are asked."""
        ...

    def switch(self, name: str, *, on: bool) -> bool:
        """False when there is none of that name."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderState:
    """How one provider is doing."""

    name: str
    kind: str  # "model" or "voice"
    state: State


@dataclass(frozen=True)
class Providers:
    """The models and the voices that the configuration names."""

    models: Several
    voices: Several

    @property
    def states(self) -> list[ProviderState]:
        """All of them: the models and then the voices, in the order in which they are asked."""
        kinds = {"model": self.models, "voice": self.voices}
        return [
            ProviderState(name, kind, state)
            for kind, several in kinds.items()
            for name, state in several.states.items()
        ]

    def switch(self, name: str, *, on: bool) -> None:
        """Take one out, or put it back; what it is doing goes on. Raises BadRequest for an unknown name."""
        if not (self.models.switch(name, on=on) or self.voices.switch(name, on=on)):
            known = ", ".join(one.name for one in self.states)
            raise BadRequest(f"there is no provider of that name; there are: {known}")
