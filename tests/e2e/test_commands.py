"""The commands against a real server, as a person types them."""

import wave
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from nexy.cli import app


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_ask_prints_the_text_and_writes_the_sound(serve: Any, tmp_path: Path) -> None:
    running = serve(SCRIPTED_SENTENCES=2)
    out = tmp_path / "answer.wav"
    result = run("ask", "hello", "--server", running.target, "--out", str(out))
    assert result.exit_code == 0
    assert result.stdout.startswith("River bridge")
    assert result.stdout.endswith("candle.\n")
    assert "first text" in result.stderr
    assert "first sound" in result.stderr
    with wave.open(str(out)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (48000, 1, 2)
        assert wav.getnframes() == 24 * 9600


def test_ask_keeps_the_apology_of_an_answer_that_failed(serve: Any, tmp_path: Path) -> None:
    running = serve(LLM_PROVIDERS="openai", OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_MODEL="none")
    out = tmp_path / "answer.wav"
    result = run("ask", "hello", "--server", running.target, "--out", str(out))
    assert result.exit_code == 1
    assert "UNAVAILABLE" in result.stderr
    with wave.open(str(out)) as wav:
        assert wav.getnframes() == len(result.stdout.split()) * 9600  # each word of it, said with the tone


def test_ask_says_what_the_server_refused(serve: Any) -> None:
    running = serve()
    result = run("ask", " ", "--server", running.target, "--token", "t")
    assert result.exit_code == 1
    assert "nexy: INVALID_ARGUMENT: the prompt is empty" in result.stderr


def test_a_file_that_is_no_image_is_told(serve: Any, tmp_path: Path) -> None:
    running = serve(MAX_IMAGE_BYTES=1000)
    (tmp_path / "a.png").write_bytes(b"no image")
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    for file, why in {"a.png": "nor a WebP image", "large.png": "larger than 1000 bytes"}.items():
        result = run("ask", "hello", "--screenshot", str(tmp_path / file), "--server", running.target)
        assert result.exit_code == 1
        assert result.stderr.startswith("nexy: INVALID_ARGUMENT: ")
        assert why in result.stderr
        assert result.stderr.count("\n") == 1


def test_interrupt_says_that_nothing_was_running(serve: Any) -> None:
    running = serve()
    result = run("interrupt", "somebody", "--server", running.target)
    assert result.exit_code == 1
    assert result.stderr == "nexy: no active sessions\n"


def test_welcome_writes_the_sound(serve: Any, tmp_path: Path) -> None:
    running = serve()
    out = tmp_path / "welcome.wav"
    address = running.target
    result = run(
        "welcome", "--text", "one two three", "--language", "en", "--out", str(out), "--server", address
    )
    assert result.exit_code == 0
    assert result.stdout == "tone: 0.60 s at 48000 Hz\n"
    with wave.open(str(out)) as wav:
        assert wav.getnframes() == 3 * 9600
