"""What a client plays, and when it would run dry. No sound is kept."""

from dataclasses import dataclass

AUDIBLE_SECONDS = 0.02  # a player has some sound in its device: what is shorter is not heard as a gap


@dataclass(slots=True)
class Player:
    """It plays each piece of sound when it comes, or after the one before."""

    sound_seconds: float = 0.0
    gaps: int = 0
    gap_seconds: float = 0.0
    plays_until: float | None = None

    def add(self, at: float, seconds: float) -> None:
        """A piece of sound came at `at`."""
        self.sound_seconds += seconds
        if self.plays_until is None:
            self.plays_until = at
        dry = at - self.plays_until
        if dry > AUDIBLE_SECONDS:
            self.gaps += 1
            self.gap_seconds += dry
        self.plays_until = max(at, self.plays_until) + seconds
