"""What the other side says of when to come again. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from nexy.utils.breaker import LONGEST_REST_SECONDS

_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s?")


def retry_after(said: str | None, now: datetime) -> float | None:
    """Seconds from `now` until somebody may come again; None when `said` is no time.

    Takes both forms of a Retry-After header (RFC 9110 §10.2.3), and a Duration of Google's ("36.5s").
    It is never more than LONGEST_REST_SECONDS.
    """
    said = (said or "").strip()
    if matched := _SECONDS.fullmatch(said):
        return min(float(matched[1]), LONGEST_REST_SECONDS)
    try:
        then = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return min(max(0.0, seconds), LONGEST_REST_SECONDS)
