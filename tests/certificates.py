"""Certificates for tests, as PEM files."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Pem:
    """A certificate and its key, each in a file of its own."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates, into a folder."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        self._name = name
        self._authority = trustme.CA()
        self.file = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def issue(self, name: str, *hosts: str, ends_in_days: float | None = None) -> Pem:
        """For these hosts; for this machine when there are none."""
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=ends_in_days or 365)
        made = self._authority.issue_cert(
            *(hosts or ("localhost", "127.0.0.1")),
            not_before=ends - datetime.timedelta(days=400),
            not_after=ends,
        )
        pem = Pem(self._folder / f"{self._name}-{name}.crt", self._folder / f"{self._name}-{name}.key")
        made.private_key_pem.write_to_path(pem.key)
        for at, blob in enumerate(made.cert_chain_pems):
            blob.write_to_path(pem.certificate, append=at > 0)
        return pem
