"""Leaves out what a model writes while it thinks: `<think>…</think>` before the answer."""

_TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "<thought>": "</thought>"}
_LONGEST = max(map(len, _TAGS))


class Thoughts:
    """Takes an answer in pieces, however the tags are cut. White space before the answer is left out too."""

    def __init__(self) -> None:
        self._held = ""  # what may yet become a tag
        self._closing = ""  # the tag that ends the thinking that goes on
        self._over = False  # the answer has begun

    def __repr__(self) -> str:
        return f"<Thoughts {'over' if self._over else 'open' if self._closing else 'possible'}>"

    def feed(self, text: str) -> str:
        """As much of the answer as is certain by now."""
        if self._over:
            return text
        self._held += text
        while self._held and not self._over:
            if self._closing:
                if not self._leave():
                    return ""
            elif not self._enter():
                return ""
        return self.end()

    def end(self) -> str:
        """What is left when nothing more comes."""
        rest, self._held = self._held, ""
        return "" if self._closing else rest

    def _leave(self) -> bool:
        """Drop what was thought; False while the thinking goes on."""
        before, tag, after = self._held.partition(self._closing)
        if not tag:
            self._held = before[-len(self._closing) :]
            return False
        self._held, self._closing = after, ""
        return True

    def _enter(self) -> bool:
        """See whether a tag or the answer begins; False while that is open."""
        self._held = self._held.lstrip()
        start = self._held[:_LONGEST].lower()
        for tag, closing in _TAGS.items():
            if start.startswith(tag):
                self._held, self._closing = self._held[len(tag) :], closing
                return True
        if any(tag.startswith(start) for tag in _TAGS):
            return False
        self._over = True
        return True
