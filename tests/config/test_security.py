"""Settings of who may come in: files that are wrong, and addresses that others reach."""

from pathlib import Path

import pytest

from nexy.config import is_loopback, load
from nexy.errors import ConfigError
from tests.certificates import Authority, Pem

NOWHERE = Path("/nonexistent/config.env")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def problems(**given: object) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load({name: str(value) for name, value in given.items()}, NOWHERE)
    return error.value.problems


def tls(pem: Pem) -> dict[str, Path]:
    return {"TLS_CERT_FILE": pem.certificate, "TLS_KEY_FILE": pem.key}


def test_all_mistakes_in_files_are_told_at_once(authority: Authority, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("short")
    told = problems(
        TLS_KEY_FILE=tmp_path / "missing",
        TLS_CLIENT_CA_FILE=secret,
        AUTH_SECRET_FILE=secret,
        AUTH="perhaps",
        GRPC_PORT="x",
    )
    assert sorted(line.partition(":")[0] for line in told) == [
        "AUTH", "AUTH_SECRET_FILE", "GRPC_PORT", "TLS_CERT_FILE", "TLS_CERT_FILE", "TLS_CLIENT_CA_FILE",
        "TLS_KEY_FILE",
    ]  # fmt: skip
    assert "TLS_KEY_FILE: No such file or directory" in told
    assert not any(str(tmp_path) in line for line in told)


def test_a_certificate_and_the_key_of_another(authority: Authority) -> None:
    one, other = authority.issue("one"), authority.issue("other")
    assert problems(TLS_CERT_FILE=one.certificate, TLS_KEY_FILE=other.key) == [
        "TLS_KEY_FILE: it is not the key of the certificate in TLS_CERT_FILE"
    ]
    assert problems(TLS_CERT_FILE=one.key, TLS_KEY_FILE=one.key)[0].startswith("TLS_CERT_FILE: there is no")
    assert problems(TLS_CERT_FILE=one.certificate, TLS_KEY_FILE=one.certificate)[0].startswith("TLS_KEY_FILE")
    assert problems(TLS_CERT_FILE=one.certificate) == ["TLS_KEY_FILE: TLS_CERT_FILE is given, and needs it"]


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("x" * 32, 0o644, "others can read it; chmod 600"),
        ("x" * 32, 0o640, "others can read it; chmod 600"),
        (" " * 20 + "x" * 31 + "\n", 0o600, "32 to 4096 bytes"),
        ("x" * 5000, 0o600, "32 to 4096 bytes"),
        (None, 0, "No such file"),
        ("", 0o700, "no file"),
    ],
)
def test_a_secret_that_is_none(text: str | None, mode: int, words: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    if text:
        file.write_text(text)
        file.chmod(mode)
    elif text is not None:
        file.mkdir()
    (told,) = problems(AUTH_SECRET_FILE=file)
    assert told.startswith("AUTH_SECRET_FILE: ")
    assert words in told or (words == "no file" and "directory" in told)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST.", "::ffff:127.0.0.1"]
)
def test_what_only_this_machine_reaches_needs_nothing(host: str) -> None:
    assert is_loopback(host)
    config, warnings = load({"GRPC_HOST": host}, NOWHERE)
    assert (config.server.grpc_host, warnings) == (host, [])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "nexy.example.org", "::ffff:0.0.0.0"])
def test_what_others_reach_needs_tls_and_to_know_who_calls(host: str, authority: Authority) -> None:
    files = tls(authority.issue("server"))
    (told,) = problems(GRPC_HOST=host)
    assert "read on the way and anybody can call as anybody; set TLS_CERT_FILE" in told
    assert host not in told
    assert "read on the way; set" in problems(GRPC_HOST=host, AUTH="tokens")[0]
    assert "and anybody can call as anybody; set" in problems(GRPC_HOST=host, **files)[0]
    with pytest.raises(ConfigError, match="others reach"):
        load({}, NOWHERE, grpc_host=host)  # on the command line too
    for enough in ({"AUTH": "tokens"}, {"TLS_CLIENT_CA_FILE": authority.file}):
        given = {name: str(value) for name, value in (files | enough).items()}
        assert load(given | {"GRPC_HOST": host}, NOWHERE)[1] == []


def test_who_wants_it_so_is_warned() -> None:
    _, (warning,) = load({"ALLOW_INSECURE": "true"}, NOWHERE, grpc_host="0.0.0.0")
    assert warning == (
        "ALLOW_INSECURE: others reach this server, and all can be read on the way and anybody can call as "
        "anybody"
    )
    _, (warning,) = load({"ALLOW_INSECURE": "1", "AUTH": "tokens"}, NOWHERE, grpc_host="::")
    assert warning == "ALLOW_INSECURE: others reach this server, and all can be read on the way"
    assert load({"ALLOW_INSECURE": "true"}, NOWHERE)[1] == []
