"""Interrupts: every running answer of one device is stopped, wherever it runs."""

from nexy.modules.interrupt_handling.interrupt import Bus, interrupt
from nexy.modules.interrupt_handling.providers import PROVIDERS

__all__ = ["PROVIDERS", "Bus", "interrupt"]
