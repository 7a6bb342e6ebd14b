"""Interrupts: every running answer of one device is stopped, wherever it runs."""

from nexy.modules.interrupt_handling.interrupt import (
    Bus,
    Claim,
    Claimed,
    Handed,
    Here,
    interrupt,
)
from nexy.modules.interrupt_handling.providers.local import Local
from nexy.modules.interrupt_handling.providers.nats import NatsBus

__all__ = [
    "Bus",
    "Claim",
    "Claimed",
    "Handed",
    "Here",
    "Local",
    "NatsBus",
    "interrupt",
]
