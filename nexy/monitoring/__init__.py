"""What can be seen of Nexy from outside: its log; counters, alerts and traces have files of their own."""

from nexy.monitoring.log import log_turn, logger, set_up, where

__all__ = ["log_turn", "logger", "set_up", "where"]
