"""Alerts: a figure that was over its limit for long enough, until it has been below it again. Sans-I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CLEARS_AT = 0.9  # of the limit: a figure that stays close to it neither fires nor clears


@dataclass(frozen=True, slots=True)
class Change:
    """An alert fired or cleared."""

    name: str
    fires: bool
    figure: float
    limit: float


class Alert:
    """One figure's alert. With a limit of 0 and no seconds it fires with the figure and clears with it."""

    def __init__(self, limit: float, seconds: float) -> None:
        self.limit = limit
        self.since: float | None = None  # when it fired; None while it does not
        self.figure = 0.0
        self._seconds = seconds
        self._turned: float | None = None  # since when the figure has been on the other side

    def __repr__(self) -> str:
        return f"<Alert {'fires' if self.fires else 'quiet'} figure={self.figure} limit={self.limit}>"

    @property
    def fires(self) -> bool:
        return self.since is not None

    def look(self, figure: float, now: float) -> bool:
        """Take the figure of this moment; whether the alert has fired or cleared with it."""
        self.figure = figure
        on_the_other_side = figure <= CLEARS_AT * self.limit if self.fires else figure > self.limit
        if not on_the_other_side:
            self._turned = None
            return False
        if self._turned is None:
            self._turned = now
        if now - self._turned < self._seconds:
            return False
        self.since, self._turned = None if self.fires else now, None
        return True


class Alerts:
    """All alerts of a server, by their names."""

    def __init__(self, alerts: Mapping[str, Alert]) -> None:
        self._alerts = dict(alerts)

    def __repr__(self) -> str:
        return f"<Alerts firing={[name for name, _ in self.firing()]}>"

    def __iter__(self) -> Iterator[tuple[str, Alert]]:
        return iter(self._alerts.items())

    def firing(self) -> list[tuple[str, Alert]]:
        return [(name, alert) for name, alert in self if alert.fires]

    def look(self, figures: Mapping[str, float], now: float) -> list[Change]:
        """Take the figures of this moment; which alerts have fired or cleared with them."""
        return [
            Change(name, alert.fires, alert.figure, alert.limit)
            for name, alert in self
            if alert.look(figures[name], now)
        ]
