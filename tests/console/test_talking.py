"""People talk to Nexy on its page: what they see, what they hear, what the server is told."""

import base64
import json
import math
import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nexy.modules.audio_generation.providers.tone import HZ
from tests.console.conftest import OpenPage, ask, wait_for_silence, wait_for_word
from tests.e2e.conftest import Running, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

RATE = 48_000
WORDS = [
    *("River", "bridge", "garden", "window", "silver", "morning"),
    *("letter", "market", "yellow", "simple", "travel", "winter."),
]
SILENT_SECONDS = 0.05  # within which an interrupt is promised to be silent
# One pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def played(page: "Page") -> tuple[int, list[int]]:
    """The frame of the first sound, and all samples from there to the last sound."""
    found = page.evaluate("played()")
    data = base64.b64decode(found["pcm"])
    return found["frame"], list(struct.unpack(f"<{len(data) // 2}h", data))


def sent(page: "Page") -> list[Any]:
    """What the page will have told the server, filled as it does."""
    told: list[Any] = []

    def listen(socket: Any) -> None:
        socket.on("framesent", lambda payload: told.append(json.loads(payload)))

    page.on("websocket", listen)
    return told


def requests(told: list[Any], kind: str) -> list[Any]:
    return [message[kind] for message in told if kind in message]


def test_an_answer_is_heard_without_a_gap_and_its_words_are_marked(open_page: OpenPage) -> None:
    page = open_page(recorded=True)
    ask(page)
    wait_for_word(page, 2)
    assert page.text_content(".answer .rest")
    assert page.text_content("#said") == ""  # a screen reader does not talk over Nexy
    wait_for_silence(page)
    assert page.text_content(".answer") == " ".join(WORDS)
    marked = page.evaluate("heard.marked")
    assert marked == [word for word in WORDS if word in marked]  # in order; a slow machine may skip some
    assert len(marked) > 6
    _, samples = played(page)
    whole = RATE * 12 // 5
    assert whole - 100 < len(samples) <= whole + 128
    peak = max(samples)
    sine = (peak * math.sin(2 * math.pi * HZ * n / RATE) for n in range(whole))
    start = next(n for n, sample in enumerate(samples) if sample) - 1  # the first sample of a sine is 0
    wrong = [n for n, (one, due) in enumerate(zip(samples[start:], sine, strict=False)) if abs(one - due) > 9]
    assert wrong == []
    rows = page.eval_on_selector_all(".times th[scope=row]", "all => all.map(one => one.textContent)")
    assert rows == ["First word", "First sound", "End"]


def test_escape_is_silent_at_once_and_what_was_not_heard_turns_grey(
    open_page: OpenPage, server: Running
) -> None:
    page = open_page(recorded=True)
    ask(page)
    wait_for_word(page, 3)
    page.keyboard.press("Escape")
    page.wait_for_selector(".unheard")
    page.wait_for_timeout(200)  # for sound that should not come
    frame, samples = played(page)
    pressed = page.evaluate("heard.pressed.at(-1)")
    assert frame + len(samples) - pressed <= SILENT_SECONDS * RATE
    whole = page.text_content(".answer .sentence") or ""
    grey = (page.text_content(".unheard") or "").removeprefix(" Not heard: ")
    assert WORDS[-1] in grey
    said = whole.partition(" Not heard: ")[0].strip()
    assert said.startswith(WORDS[0])
    assert until(lambda: said in server.heard())  # the server goes on from the very same words
    assert "Interrupt to silence" in (page.text_content(".times") or "")
    assert page.text_content("#said") == "Stopped."


def test_a_new_question_interrupts(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    wait_for_word(page, 2)
    ask(page, "And now?")
    page.wait_for_selector(".turn:nth-child(2) .now")
    assert page.locator(".turn:nth-child(1) .unheard").count() == 1
    page.click("#stop")
    page.wait_for_selector(".turn:nth-child(2) .unheard")
    assert page.evaluate("document.activeElement.id") == "question"  # the button can do nothing more


def test_faster_speech_keeps_its_pitch(open_page: OpenPage) -> None:
    page = open_page(recorded=True)
    page.evaluate("localStorage.setItem('nexy.console', JSON.stringify({device: 'desk', speed: 1.5}))")
    page.reload()
    page.wait_for_selector("#state[data-state=connected]")
    ask(page)
    wait_for_word(page, 1)
    wait_for_silence(page)
    _, samples = played(page)
    assert RATE * 1.5 < len(samples) < RATE * 2.2  # instead of 2.4 s
    rises = [n for n in range(1, len(samples)) if samples[n - 1] < 0 <= samples[n]]
    assert abs(len(rises) / ((rises[-1] - rises[0]) / RATE) - HZ) < 3
    steepest = max(abs(b - a) for a, b in pairwise(samples))
    assert steepest < max(samples) * 0.08  # no click


def test_pictures_are_chosen_pasted_and_taken_of_the_screen(open_page: OpenPage) -> None:
    page = open_page(ready=False)
    told = sent(page)
    page.reload()
    page.wait_for_selector("#state[data-state=connected]")
    page.set_input_files("#file", {"name": "dot.png", "mimeType": "image/png", "buffer": PNG})
    page.wait_for_selector("#picture img")
    assert "dot.png, 1 × 1" in (page.text_content("#picture") or "")
    page.click("#picture button")
    assert page.locator("#picture img").count() == 0
    for event in ("paste", "drop"):
        page.evaluate(
            """([event, bytes]) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], "dot.png", { type: "image/png" }));
              const key = event === "paste" ? "clipboardData" : "dataTransfer";
              const made = event === "paste" ? ClipboardEvent : DragEvent;
              document.body.dispatchEvent(new made(event, { [key]: data, bubbles: true, cancelable: true }));
            }""",
            [event, list(PNG)],
        )
        page.wait_for_selector("#picture img")
        page.press("#question", "Enter")
        page.wait_for_selector(".turn > img")
        page.wait_for_function("() => !document.querySelector('#stop').disabled")
    page.click("#capture")
    page.wait_for_selector("#picture img")
    ask(page, "And this?")
    page.wait_for_selector(".turn:nth-child(3) .now")
    pasted, dropped, captured = requests(told, "stream")
    for request in (pasted, dropped):
        assert base64.b64decode(request["screenshot"]) == PNG
        assert request["prompt"] == "What is in this picture?"
    assert base64.b64decode(captured["screenshot"]).startswith(b"\x89PNG")
    assert (captured["screen_width"], captured["screen_height"]) == (64, 48)


def test_a_lost_connection_comes_back_with_its_conversation(open_page: OpenPage, server: Running) -> None:
    page = open_page()
    ask(page, "Remember this.")
    wait_for_word(page, 1)
    page.keyboard.press("Escape")
    wait_for_silence(page)
    assert server.server.websockets is not None
    connections: set[Any] = set(server.server.websockets.house.connections)
    server.ask(lambda: [connection.drop() for connection in connections])
    page.wait_for_function("() => document.querySelector('#note').textContent.startsWith('Connected again')")
    assert page.text_content("#note") == "Connected again: the conversation goes on."
    ask(page, "And now?")
    page.wait_for_selector(".turn:nth-child(2) .now")
    page.keyboard.press("Escape")

    def prompts() -> list[list[str]]:
        sessions = server.server.backstage.conversation.sessions
        return [[one.prompt for one in each.notes.history] for each in sessions]

    assert until(lambda: ["Remember this.", "And now?"] in server.ask(prompts))


def test_space_is_held_to_talk(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    wait_for_word(page, 1)
    page.focus("#talk")
    page.keyboard.down("Space")
    page.wait_for_selector(".unheard")  # to begin to speak is to interrupt
    assert page.evaluate("scrollY") == 0
    assert page.text_content("#hearing") == "Listening …"
    assert page.text_content("#said") == ""  # the microphone would hear a screen reader
    page.wait_for_timeout(250)
    page.keyboard.up("Space")
    page.wait_for_selector(".turn:nth-child(2) .now")
    assert page.text_content(".turn:nth-child(2) .asked") == "What is seven times eight?"
    page.keyboard.press("Escape")
    page.keyboard.press("Space")  # a mere tap
    page.fill("#question", "a")
    page.press("#question", "Space")  # here it is a space
    page.press("#set", "Space")  # and here it presses the button
    assert page.evaluate("recognitions") == ["start", "stop", "start", "abort"]
    assert page.input_value("#question") == "a "
    assert page.is_visible("#settings")


def test_without_sound_a_screen_reader_gets_the_text(open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", recorded=True)
    assert page.get_attribute("html", "lang") == "ru"
    page.click("#sound")
    ask(page)
    page.wait_for_function(
        "last => document.querySelector('#said').textContent.endsWith(last)", arg=WORDS[-1]
    )
    assert page.get_attribute("#said", "aria-atomic") == "false"  # or all of it is read again with each piece
    assert page.get_attribute("#said p", "lang") == "en"  # so that it is read by the right voice
    assert page.evaluate("heard.blocks.length") == 0 or played(page)[1] == []
    page.keyboard.press("Escape")


def test_the_transcript_and_the_greeting(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    wait_for_word(page, 2)
    page.keyboard.press("Escape")
    page.wait_for_selector(".unheard")
    with page.expect_download() as download:
        page.click("#save")
    text = download.value.path().read_text()
    assert text.startswith("You: Tell me a story.\nNexy: River")
    assert text.endswith("winter.]\n")
    page.click("#set")
    page.click("#greet")
    page.wait_for_function("() => document.querySelector('.turn:nth-child(2) .answer').textContent")
    page.keyboard.press("Escape")  # Nexy is meant, not the dialog
    page.wait_for_function("() => !document.body.classList.contains('speaking')")
    assert page.is_visible("#settings")
