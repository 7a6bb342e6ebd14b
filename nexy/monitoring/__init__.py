"""What can be seen of Nexy from outside: its log."""

from nexy.monitoring.log import log_turn, set_up, where

__all__ = ["log_turn", "set_up", "where"]
