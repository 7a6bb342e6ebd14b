"""The page's connection: when it comes back, and what it then asks. The server is played by the test."""

from typing import TYPE_CHECKING, Any

from tests.console.conftest import OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A WebSocket without a network, and the page's own Link with it.
STAGE = """async () => {
  const { Link } = await import("/console/link.js");
  const sockets = (window.sockets = []);
  window.told = [];
  window.WebSocket = class {
    static CLOSING = 2;
    readyState = 1;
    sent = [];
    constructor() { sockets.push(this); }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() {}
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
    drop(code) { this.readyState = 3; this.onclose({ code }); }
  };
  window.link = new Link("ws://test/", () => ({ hardware_id: "desk", token: "" }));
  for (const name of ["ready", "lost", "refused"]) {
    link.addEventListener(name, ({ detail }) => told.push([name, detail ?? null]));
  }
  link.open();
}"""


def stage(open_page: OpenPage) -> "Page":
    page = open_page()
    page.evaluate(STAGE)
    return page


def comes_again(page: "Page", number: int) -> bool:
    """Whether there is a connection more, soon."""
    page.wait_for_timeout(600)
    return bool(page.evaluate("number => sockets.length === number", number))


def over(page: "Page", status: str) -> list[Any]:
    """What is told when the hello is refused so, and the connection closed with 1008."""
    page.evaluate(
        """status => {
          sockets.at(-1).onopen();
          sockets.at(-1).say({ turn: "0", over: { code: 1, status, message: "no" } });
          sockets.at(-1).drop(1008);
        }""",
        status,
    )
    told: list[Any] = page.evaluate("told.splice(0)")
    return [(name, detail and detail["forGood"]) for name, detail in told]


def test_who_is_refused_for_good_does_not_ask_again(open_page: OpenPage) -> None:
    page = stage(open_page)
    assert over(page, "UNAUTHENTICATED") == [("refused", True)]
    page.evaluate("dispatchEvent(new Event('online'))")
    assert comes_again(page, 1)
    page.evaluate("link.reopen()")  # with another token
    assert comes_again(page, 2)


def test_who_is_refused_just_now_asks_again(open_page: OpenPage) -> None:
    page = stage(open_page)
    assert over(page, "UNAVAILABLE") == [("refused", False), ("lost", None)]
    assert comes_again(page, 2)


def test_a_rule_that_was_broken_is_no_refusal(open_page: OpenPage) -> None:
    """A picture that took longer than a minute to send: it closes with 1008, and comes back."""
    page = stage(open_page)
    page.evaluate(
        """() => {
          sockets[0].onopen();
          sockets[0].say({ turn: "0", ready: { session_id: "a", resume: "old", resumed: false } });
          sockets[0].drop(1008);
        }"""
    )
    assert [name for name, _ in page.evaluate("told")] == ["ready", "lost"]
    assert comes_again(page, 2)
    page.evaluate("sockets[1].onopen()")
    hello = page.evaluate("sockets[1].sent[0].hello")
    assert (hello["session_id"], hello["resume"]) == ("a", "old")


def test_what_was_stopped_before_it_was_sent_is_not_sent(open_page: OpenPage) -> None:
    page = stage(open_page)
    page.evaluate(
        """() => {
          window.turns = ["one", "two"].map((prompt) => link.request("stream", { prompt }, () => {}));
          window.taken = [link.takeBack(turns[0]), link.takeBack(turns[0]), link.takeBack(undefined)];
          sockets[0].onopen();
          sockets[0].say({ turn: "0", ready: { session_id: "a", resume: "b", resumed: false } });
          taken.push(link.takeBack(turns[1]));
        }"""
    )
    assert page.evaluate("taken") == [True, False, False, False]
    assert page.evaluate("sockets[0].sent.slice(1).map(({ stream }) => stream.prompt)") == ["two"]
