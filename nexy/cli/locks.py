"""The doctor's look at what keeps strangers out: the certificate, and the key of the tokens."""

import ssl
import time
from collections.abc import Iterator

from nexy.cli.findings import Finding, bad, ok, warn
from nexy.config import Config, read_secret
from nexy.integrations.doorkeeping import secret_file
from nexy.integrations.encryption import files_of
from nexy.utils.tls import ends_at

DAY = 86_400.0  # seconds
SOON_DAYS = 14  # those who renew by themselves do so a month before the end


def check_locks(config: Config, now: float | None = None) -> Iterator[Finding]:
    """Nothing is said of what is not used."""
    files = files_of(config.security)
    if files is not None:
        try:
            yield _certificate(ends_at(files), time.time() if now is None else now)
        except ssl.SSLCertVerificationError as error:
            yield bad("certificate", f"no client takes it: {error.verify_message}; renew TLS_CERT_FILE")
        except OSError:
            yield bad("certificate", "it cannot be used; look at TLS_CERT_FILE and TLS_KEY_FILE")
    if config.security.auth == "tokens":
        yield _secret(config)


def _certificate(ends: float, now: float) -> Finding:
    day = time.strftime("%Y-%m-%d", time.gmtime(ends))
    days = int((ends - now) / DAY)
    if days < SOON_DAYS:
        return warn("certificate", f"it ends on {day}, in {days} days; renew TLS_CERT_FILE")
    return ok("certificate", f"it holds until {day}")


def _secret(config: Config) -> Finding:
    file = secret_file(config.security, config.database)
    if not file.exists():
        return ok("tokens", f"their key, {file.name}, will be made at the first start")
    try:
        read_secret(file)
    except ValueError as error:
        return bad("tokens", f"their key, {file.name}: {error}")
    return ok("tokens", "their key can be read, by its owner alone")
