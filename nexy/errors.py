"""What can go wrong, told apart by who has to mend it."""


class NexyError(Exception):
    """The root of all errors that Nexy raises on purpose. Its text may be shown to the caller."""


class BadRequest(NexyError):
    """The caller sent something that cannot be answered."""


class Refused(NexyError):
    """A limit is reached, or the server is closing: the same request may be right later."""

    def __init__(self, reason: str, *, retry_after_seconds: float = 1.0) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class Closing(Refused):
    """The server takes no new work because it is going away."""


class ProviderError(NexyError):
    """A model, a voice or another thing outside failed."""


class ProviderTimeout(ProviderError):
    """A model or a voice stayed silent for too long."""


class StorageError(NexyError):
    """The database failed; the operator has to look."""


class ConfigError(NexyError):
    """The configuration is wrong; `problems` names every mistake, and no secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def leaves(error: BaseException) -> list[BaseException]:
    """The errors themselves, out of the groups that nurseries put around them."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]
