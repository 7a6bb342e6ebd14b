"""What failed, in a word that holds nothing of what was said: for counters and spans."""

from nexy.errors import Fault, NexyError, ProviderError, Refused, leaves

NOT_OURS = frozenset({Fault.BLOCKED.value, Fault.CUT.value, Fault.UNFIT.value, Fault.CROWDED.value})
"""Failures that are no error of the server's: of what was asked, or of how much."""


def kind_of(error: BaseException) -> str:
    """A provider's fault, a limit, the name of one of Nexy's errors, or "bug"."""
    cause = leaves(error)[0]
    match cause:
        case ProviderError():
            return cause.fault.value
        case Refused():
            return cause.limit.value
        case NexyError():
            return type(cause).__name__
        case _:
            return "bug"
