"""What can be seen of Nexy from outside: its log; counters, alerts, traces and vitals stand in their files."""

from nexy.monitoring.log import log_turn, logger, set_up, where

__all__ = ["log_turn", "logger", "set_up", "where"]
