"""Settings: all mistakes at once, by name, and no secret."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from nexy.config import Config, example, fields, load
from nexy.errors import ConfigError

NOWHERE = Path("/nonexistent/config.env")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.env"


def problems(environ: dict[str, str], file: Path = NOWHERE) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(environ, file)
    return error.value.problems


def test_without_any_setting_the_defaults_stand() -> None:
    assert load({}, NOWHERE) == (Config(), [])


def test_all_mistakes_are_told_at_once_each_by_name() -> None:
    wrong = {
        "LLM_PROVIDERS": "offline,skynet,hal",
        "SAMPLE_RATE": "47999",
        "TURN_SECONDS": "soon",
        "MAX_SESSIONS": "0",
        "GRPC_PORT": "65536",
        "LOG_LEVEL": "loud",
        "LEAD_SECONDS": "nan",
    }
    told = problems(wrong)
    assert sorted(line.partition(":")[0] for line in told) == sorted(wrong)


def test_no_value_is_shown(file: Path) -> None:
    secret = "s3cr3t"
    every = {name: secret for _, name, _ in fields()}
    with pytest.raises(ConfigError) as error:
        load(every, file)
    told = error.value.problems
    free_text = {"GEMINI_API_KEY", "GEMINI_FALLBACK_API_KEY", "GEMINI_MODEL", "GEMINI_SYSTEM_PROMPT"}
    free_text |= {"OPENAI_API_KEY", "OPENAI_MODEL", "EDGE_TTS_VOICE", "GRPC_HOST", "HARDWARE_ID_PEPPER"}
    free_text |= {"UPDATE_DIR", "UPDATE_SIGNING_KEY", "NATS_PREFIX"}

    assert {line.partition(":")[0] for line in told} == set(every) - free_text
    assert secret not in "".join(told)


def test_keys_are_hidden_in_every_form_of_the_configuration() -> None:
    keys = ("GEMINI_API_KEY", "GEMINI_FALLBACK_API_KEY", "OPENAI_API_KEY")
    config, warnings = load(dict.fromkeys(keys, "s3cr3t"), NOWHERE)
    assert "s3cr3t" not in f"{config} {config!r} {warnings} {config.model_dump_json()}"


def test_the_environment_wins_over_the_file(file: Path) -> None:
    file.write_text("GRPC_PORT=1\nHTTP_PORT=2\nLLM_PROVIDERS=scripted, offline\n")
    config, warnings = load({"GRPC_PORT": "3"}, file)
    assert (config.server.grpc_port, config.server.http_port) == (3, 2)
    assert config.models.llm_providers == ("scripted", "offline")
    assert warnings == []


def test_the_command_line_wins_over_both(file: Path) -> None:
    file.write_text("GRPC_PORT=1\n")
    config, _ = load({"GRPC_PORT": "3"}, file, grpc_port="4", http_port=None)
    assert (config.server.grpc_port, config.server.http_port) == (4, 8080)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("SAMPLE_RATE", "16000", 16000),
        ("TURN_SECONDS", "1.5", 1.5),
        ("STRICT_SESSION_ID", "true", True),
        ("TTS_PROVIDERS", " tone , espeak,", ("tone", "espeak")),
        ("LOG_FORMAT", "console", "console"),
    ],
)
def test_values_are_text_in_the_environment(name: str, text: str, value: object) -> None:
    config, _ = load({name: text}, NOWHERE)
    parts = [getattr(config, part) for part in type(config).model_fields]
    assert [getattr(part, name.lower()) for part in parts if hasattr(part, name.lower())] == [value]


def test_an_empty_value_is_the_default(file: Path) -> None:
    file.write_text("GRPC_PORT=\nHTTP_PORT\n")
    assert load({"TURN_SECONDS": ""}, file) == (Config(), [])


def test_an_empty_value_in_the_environment_leaves_the_files(file: Path) -> None:
    file.write_text("TURN_SECONDS=5\n")
    assert load({"TURN_SECONDS": ""}, file)[0].turn.turn_seconds == 5


def test_mistakes_and_what_is_passed_over_are_told_together(file: Path) -> None:
    file.write_text("GRPC_PROT=1\nGRPC_PORT=x\n")
    with pytest.raises(ConfigError) as error:
        load({}, file)
    assert [line.partition(":")[0] for line in error.value.problems] == ["GRPC_PORT"]
    assert ["GRPC_PROT" in line for line in error.value.warnings] == [True]


@pytest.mark.parametrize("url", ["hidden", "http://hidden:4222", "nats://", "nats://good:4222,hidden"])
def test_a_bus_is_a_url_of_nats(file: Path, url: str) -> None:
    with pytest.raises(ConfigError) as error:
        load({"NATS_URL": url}, file)
    assert ["NATS_URL: it is nats://HOST:PORT" in line for line in error.value.problems] == [True]
    assert "hidden" not in str(error.value.problems)
    load({"NATS_URL": "nats://name:word@one:4222, tls://two"}, file)


def test_websockets_can_be_off_and_know_whose_pages_may_connect(file: Path) -> None:
    config, _ = load({"WEBSOCKET_PORT": "none", "WEBSOCKET_ORIGINS": "https://a.example, http://b:81"}, file)
    assert config.server.websocket_port is None
    assert config.server.websocket_origins == ("https://a.example", "http://b:81")
    for wrong in ("a.example", "https://a.example/", "https://me@a.example/x", "ftp://a.example", "*"):
        with pytest.raises(ConfigError, match=r"^WEBSOCKET_ORIGINS: one is neither"):
            load({"WEBSOCKET_ORIGINS": wrong}, file)
    for wrong in ("x", "-1", "65536"):
        with pytest.raises(ConfigError, match=r"^WEBSOCKET_PORT: "):
            load({"WEBSOCKET_PORT": wrong}, file)


def test_the_config_is_frozen() -> None:
    config = Config()
    with pytest.raises(ValidationError):
        config.server.grpc_port = 1


def test_the_example_in_the_repository_is_up_to_date() -> None:
    assert (ROOT / "config.env.example").read_text() == example()


def test_the_example_names_every_setting_once_and_changes_nothing(file: Path) -> None:
    file.write_text(example())
    assert load({}, file) == (Config(), [])
    settings = [line[1:] for line in example().splitlines() if line[:1] == "#" and line[1:2] != " "]
    named = [line.partition("=")[0] for line in settings]
    assert sorted(named) == sorted({name for _, name, _ in fields()})


def test_the_example_with_every_setting_in_force_is_the_default(file: Path) -> None:
    known = {name for _, name, _ in fields()}
    lines = [line[1:] for line in example().splitlines() if line[1:].partition("=")[0] in known]
    file.write_text("\n".join(lines))
    assert load({}, file) == (Config(), [])


def test_no_name_is_there_twice() -> None:
    names = [name for _, name, _ in fields()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "sqlite:///nexy.db"),
        ({"DB_NAME": "nexy"}, "postgresql://localhost:5432/nexy"),
        ({"DB_NAME": "nexy", "DB_USER": "me"}, "postgresql://me@localhost:5432/nexy"),
        (
            {"DB_NAME": "n", "DB_USER": "me", "DB_PASSWORD": "a@b:c", "DB_HOST": "h", "DB_PORT": "1"},
            "postgresql://me:a%40b%3Ac@h:1/n",
        ),
        ({"DB_NAME": "nexy", "DATABASE_URL": "sqlite:///other.db"}, "sqlite:///other.db"),
    ],
)
def test_an_old_file_names_its_database_in_parts(given: dict[str, str], url: str) -> None:
    config, warnings = load(given, NOWHERE)
    assert config.database.database_url.get_secret_value() == url
    assert warnings == []
    assert "a@b" not in f"{config!r}"


@pytest.mark.parametrize("url", ["mysql://h/n", "sqlite://", "postgresql://", "postgresql:///n", "nexy.db"])
def test_what_names_no_database(url: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL: it is neither"):
        load({"DATABASE_URL": url}, NOWHERE)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"ALERT_REQUESTS_PER_MINUTE": "1000"}, "ALERT_REQUESTS_PER_MINUTE"),
        ({"MAX_REQUESTS_PER_MINUTE": "800"}, "ALERT_REQUESTS_PER_MINUTE"),
        ({"MAX_MEMORY_USAGE": "70"}, "ALERT_MEMORY_PERCENT"),
        ({"SILENCE_SECONDS": "9"}, "SILENCE_SECONDS"),
    ],
)
def test_what_cannot_do_what_it_is_for_is_warned_of(given: dict[str, str], name: str, file: Path) -> None:
    _, warnings = load(given, file)
    assert [line.partition(" ")[0] for line in warnings] == [name]


def test_several_machines_need_one_pepper(file: Path) -> None:
    several = {"NATS_URL": "nats://one", "DATABASE_URL": "postgresql://me@one/nexy"}
    assert ["HARDWARE_ID_PEPPER" in line for line in load(several, file)[1]] == [True]
    assert load(several | {"HARDWARE_ID_PEPPER": "word"}, file)[1] == []
    assert load({"NATS_URL": "nats://one"}, file)[1] == []  # one machine: its workers share the file
