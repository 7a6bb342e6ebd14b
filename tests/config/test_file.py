"""config.env as people write it, and as it was for the server before this one."""

from pathlib import Path

import pytest

from nexy.config import Config, load
from nexy.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.env"


def problems(file: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(environ or {}, file)
    return error.value.problems


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("GEMINI_MODEL=a=b==", "a=b=="),
        ("GEMINI_MODEL='a=b==#c'", "a=b==#c"),
        ('GEMINI_MODEL="a # b"', "a # b"),
        ("GEMINI_MODEL=a#b", "a#b"),
        ("GEMINI_MODEL=a # why", "a"),
        ("GEMINI_MODEL=a$HOME${X}", "a$HOME${X}"),
        ("GEMINI_MODEL = a b ", "a b"),
        ("export GEMINI_MODEL=a", "a"),
        ('export GEMINI_MODEL="a=b"', "a=b"),
        ("\ufeffGEMINI_MODEL=a", "a"),
        ("#first\r\nGEMINI_MODEL=a\r\nGRPC_PORT=1\r\n", "a"),
        ("GEMINI_MODEL=a\nGEMINI_MODEL=b", "b"),
        ("GEMINI_MODEL='he\\'s'", "he's"),
        ("GEMINI_MODEL=голос", "голос"),
    ],
)
def test_values_are_taken_as_they_are_written(line: str, value: str, file: Path) -> None:
    file.write_bytes(line.encode())
    config, warnings = load({}, file)
    assert config.models.gemini_model == value
    assert warnings == []


def test_a_value_of_several_lines(file: Path) -> None:
    file.write_text('GEMINI_SYSTEM_PROMPT="one\ntwo=2 # three"\nGRPC_PORT=1\n')
    config, _ = load({}, file)
    assert config.models.gemini_system_prompt == "one\ntwo=2 # three"
    assert config.server.grpc_port == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GRPC_PORT=1\nGEMINI_MODEL=\xff\xfe\n", "config.env: line 2 is not UTF-8"),
        ("GRPC_PORT=1\n".encode("utf-16"), "config.env: line 1 is not UTF-8"),
        (b"GRPC_PORT=1\nhidden words = 1\n", "config.env: line 2 is not NAME=VALUE"),
        (b'GRPC_PORT=1\nGEMINI_API_KEY="hidden\n', "config.env: line 2 is not NAME=VALUE"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line_with_the_other_mistakes(
    content: bytes, told: str, file: Path
) -> None:
    file.write_bytes(content)
    assert problems(file, {"HTTP_PORT": "x"})[0] == told
    assert len(problems(file, {"HTTP_PORT": "x"})) == 2


def test_a_folder_in_its_place(file: Path) -> None:
    file.mkdir()
    assert problems(file) == ["config.env: Is a directory"]


def test_unknown_names_are_warned_of_with_what_may_be_meant(file: Path) -> None:
    file.write_text("GRPC_PROT=hidden\ngrpc_port=hidden\nCOLOUR=hidden\n")
    config, warnings = load({"GRPC_PROT": "1", "COLOR": "1", "PATH": "/bin"}, file)
    assert config == Config()
    unknown = "is not a setting of Nexy and is passed over"
    assert warnings == [
        f"config.env: COLOUR {unknown}",
        f"config.env: GRPC_PROT {unknown}; did you mean GRPC_PORT?",
        f"config.env: grpc_port {unknown}; did you mean GRPC_PORT?",
    ]


def test_what_may_be_a_pasted_key_is_not_shown_as_a_name(file: Path) -> None:
    file.write_text("GRPC_PORT=1\nhidden0123456789\nhidden/9+8w==\nhidden" + "0" * 40 + "=1\n")
    _, warnings = load({}, file)
    assert "hidden" not in "".join(warnings)
    assert [line.split(" is ")[0] for line in warnings] == [f"config.env: line {n}" for n in (2, 3, 4)]


def test_old_names_are_taken_for_the_new_ones(file: Path) -> None:
    file.write_text(
        "GEMINI_LIVE_MODEL=m\nGEMINI_LIVE_TEMPERATURE=0.1\nGEMINI_LIVE_MAX_TOKENS=7\nGEMINI_LIVE_TOOLS=none\n"
        "GEMINI_LIVE_SYSTEM_PROMPT=p\n"
    )
    config, warnings = load({"GEMINI_LIVE_API_KEY": "s3cr3t"}, file)
    models = config.models
    assert (models.gemini_model, models.gemini_temperature, models.gemini_max_tokens) == ("m", 0.1, 7)
    assert (models.gemini_tools, models.gemini_system_prompt) == ((), "p")
    assert models.gemini_api_key.get_secret_value() == "s3cr3t"
    assert models.llm_providers == ("gemini", "offline")
    names = ["API_KEY", "MAX_TOKENS", "MODEL", "SYSTEM_PROMPT", "TEMPERATURE", "TOOLS"]
    assert warnings == [f"GEMINI_LIVE_{n} is the old name of GEMINI_{n}, and is taken for it" for n in names]


def test_the_proper_name_wins_wherever_it_stands(file: Path) -> None:
    file.write_text("GEMINI_MODEL=new\nGEMINI_TEMPERATURE=\n")
    config, warnings = load({"GEMINI_LIVE_MODEL": "old", "GEMINI_LIVE_TEMPERATURE": "0.1"}, file)
    assert (config.models.gemini_model, config.models.gemini_temperature) == ("new", 0.1)
    assert warnings[0] == "GEMINI_LIVE_MODEL is passed over, as GEMINI_MODEL is given"


def test_a_mistake_under_an_old_name_is_told_by_both_and_an_unknown_old_name_is_unknown(file: Path) -> None:
    file.write_text("GEMINI_LIVE_TEMPERATURE=hot\nGEMINI_LIVE_WINGS=2\n")
    with pytest.raises(ConfigError) as error:
        load({}, file)
    assert error.value.problems[0].startswith("GEMINI_TEMPERATURE, given as GEMINI_LIVE_TEMPERATURE: ")
    assert "config.env: GEMINI_LIVE_WINGS is not a setting" in error.value.warnings[-1]


@pytest.mark.parametrize(
    ("given", "models", "voices"),
    [
        ({}, "offline", "espeak"),
        ({"GEMINI_API_KEY": "k"}, "gemini,offline", "edge,espeak"),
        ({"GEMINI_API_KEY": "k", "LLM_PROVIDERS": "scripted"}, "scripted", "edge,espeak"),
        ({"GEMINI_API_KEY": "k", "TTS_PROVIDERS": "tone"}, "gemini,offline", "tone"),
        ({"GEMINI_API_KEY": ""}, "offline", "espeak"),
    ],
)
def test_a_key_is_used_unless_something_else_is_asked_for(
    given: dict[str, str], models: str, voices: str, file: Path
) -> None:
    config, warnings = load(given, file)
    assert ",".join(config.models.llm_providers) == models
    assert ",".join(config.voices.tts_providers) == voices
    assert warnings == []


def test_what_a_model_cannot_do_without_is_told_with_the_other_mistakes(file: Path) -> None:
    given = {
        "LLM_PROVIDERS": "gemini, openai,offline,gemini",
        "GEMINI_API_KEY": " ",
        "GEMINI_TEMPERATURE": "9",
    }
    told = problems(file, given)
    assert told[:3] == [
        "GEMINI_API_KEY: gemini is in LLM_PROVIDERS, and needs it (or GEMINI_FALLBACK_API_KEY)",
        "OPENAI_MODEL: openai is in LLM_PROVIDERS, and needs it",
        "OPENAI_API_KEY: openai is in LLM_PROVIDERS, and needs it (or OPENAI_BASE_URL)",
    ]
    assert told[3].startswith("GEMINI_TEMPERATURE: ")
    assert len(told) == 4


def test_what_stands_for_it_is_enough(file: Path) -> None:
    gemini = {"LLM_PROVIDERS": "gemini", "GEMINI_FALLBACK_API_KEY": "k"}
    openai = {"LLM_PROVIDERS": "openai", "OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://localhost:11434/v1"}
    assert load(gemini, file)[0].models.llm_providers == ("gemini",)
    assert load(openai, file)[0].models.llm_providers == ("openai",)


def test_an_unknown_provider_is_told_with_the_known_ones(file: Path) -> None:
    models, voices = problems(file, {"LLM_PROVIDERS": "skynet", "TTS_PROVIDERS": "hal"})
    for name in ("gemini", "openai", "offline", "scripted"):
        assert name in models
    for name in ("edge", "espeak", "tone"):
        assert name in voices


@pytest.mark.parametrize("name", ["GEMINI_BASE_URL", "OPENAI_BASE_URL", "EDGE_TTS_URL"])
@pytest.mark.parametrize(
    "url", ["localhost:1", "//localhost", "ftp://hidden", "http://", "wss://h:0", "wss://h:x"]
)
def test_what_is_no_address_is_a_mistake(name: str, url: str, file: Path) -> None:
    (told,) = problems(file, {name: url})
    assert told.startswith(f"{name}: ")
    assert "hidden" not in told
    load({"OPENAI_BASE_URL": " http://[::1]:1/v1", "EDGE_TTS_URL": "wss://host/path"}, file)
