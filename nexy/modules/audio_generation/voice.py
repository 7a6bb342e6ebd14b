"""What a voice promises."""

from typing import Protocol

from nexy.types import Sentence, Sound, Stream


class Voice(Protocol):
    """Says sentences. Safe to use from many sessions at once."""

    @property
    def name(self) -> str: ...

    def choose(self, voice: str, language: str) -> str:
        """The provider's own name of the voice that was asked for; "" asks for its default.

        `voice` is a name of this provider's, or a name in the style `en-US-JennyNeural`, which
        every provider understands by its language. `language` is a BCP 47 tag such as "ru-RU";
        it decides when `voice` is empty. Does no I/O. Raises BadRequest for a voice that does not
        exist.
        """
        ...

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        """Say `sentence.spoken` with `sentence.voice`, in `sentence.language` when that is empty.

        Sound comes as soon as there is any, in the rate the voice was opened with. The times of
        the words are seconds from the start of the sentence; a voice that does not know them
        leaves them out. Leaving the block stops the sound at once. Raises ProviderError.
        """
        ...
