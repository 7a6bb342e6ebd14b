"""nexy loadtest: users who speak, listen, interrupt and think, and what they met."""

from nexy.cli.loadtest.run import run

__all__ = ["run"]
