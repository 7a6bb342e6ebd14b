"""The pure parts of Edge's voices: where a word is, how a text is cut, who speaks a language."""

from itertools import pairwise
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.errors import BadRequest
from nexy.modules.audio_generation.providers.edge.mp3 import Decoder
from nexy.modules.audio_generation.providers.edge.text import PART_BYTES, parts, sayable
from nexy.modules.audio_generation.providers.edge.voices import VOICES, chosen
from nexy.modules.audio_generation.providers.edge.words import Boundary, Words
from tests.fakes.edge_speech import LEAD_SECONDS, speech

JENNY = "en-US-JennyNeural"


def placed(text: str, *named: str) -> list[str]:
    """The stretches of `text` that are found for what the service names, a tenth of a second each."""
    words = Words(text)
    found = [words.place(Boundary(name, n / 10, n / 10 + 0.1)) for n, name in enumerate(named)]
    return [text[word.start : word.end] for word in found if word is not None]


@pytest.mark.parametrize(
    ("text", "named", "found"),
    [
        ("Hello, world!", ["Hello", "world"], ["Hello,", "world!"]),
        ('He said: "Go!" (Now.)', ["He", "said", "Go", "Now"], ["He", "said:", '"Go!"', "(Now.)"]),
        ("banana a", ["a"], ["a"]),  # not the one inside
        ("a b a", ["a", "b", "a"], ["a", "b", "a"]),
        ("It’s 5 °C", ["it's", "5"], ["It’s", "5"]),
        ("R&amp;D &amp; Q", ["R&amp;amp;D"], ["R&amp;D"]),
        ("don't", ["don", "'t"], ["don'", "t"]),
        ("今天天气很好。", ["今天", "天气", "很", "好"], ["今天", "天气", "很", "好。"]),
        ("это — дом", ["это", "дом"], ["это", "дом"]),
        ("costs 3.5 now", ["costs", "three", "point", "five", "now"], ["costs", "now"]),
        ("one two three", ["", "...", "one", "three"], ["one", "three"]),
        ("one two three four five six seven. one", ["seven"], []),  # too far to be the next
    ],
)
def test_where_words_are(text: str, named: list[str], found: list[str]) -> None:
    assert placed(text, *named) == found


def test_times_never_go_back() -> None:
    words = Words("one two three")
    first = words.place(Boundary("one", 1.0, 2.0))
    second = words.place(Boundary("two", 1.5, 1.8))  # inside the one before
    third = words.place(Boundary("three", -400.0, -399.0))  # the service's offsets overflow
    assert [(w.at, w.until) for w in (first, second, third) if w] == [(1.0, 2.0), (2.0, 2.0), (2.0, 2.0)]
    assert words.until == 2.0
    assert words.all_said


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=12))
def test_no_word_breaks_it(text: str, named: list[str]) -> None:
    words = Words(text)
    found = [words.place(Boundary(name, n, n + 1)) for n, name in enumerate([*named, *text.split()])]
    spans = [(0, 0), *((word.start, word.end) for word in found if word is not None)]
    assert all(before[1] <= start < end <= len(text) for before, (start, end) in pairwise(spans))


@given(st.text(alphabet=st.sampled_from("aж &<好\n\ud800\x00."), max_size=3000))
def test_parts_fit_and_lose_nothing(text: str) -> None:
    clean = sayable(text)
    assert len(clean) in (0, len(text))
    cut = list(parts(clean))
    assert all(len(escape(part).encode()) <= PART_BYTES for part in cut)
    kept = [character for character in clean if character.isalnum()]
    assert [character for part in cut for character in part if character.isalnum()] == kept


def test_a_long_text_is_cut_at_white_space() -> None:
    text = "a sentence that goes on " * 400
    assert "".join(parts(text)).split() == text.split()
    assert all(part.endswith(" ") for part in parts(text))


@pytest.mark.parametrize("rate", [8000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("size", [1, 144, 720, 100_000])
def test_mp3_comes_out_whole_however_it_is_cut(rate: int, size: int) -> None:
    said = speech("One two.")
    decoder = Decoder(rate)
    pcm = b"".join(map(decoder.feed, said.messages(size))) + decoder.flush()
    assert len(pcm) == round(decoder.seconds * rate) * 2
    end = said.words[-1].at + said.words[-1].seconds
    assert end + 0.2 < decoder.seconds < end + 0.5
    first = next(
        n for n in range(0, len(pcm), 2) if abs(int.from_bytes(pcm[n : n + 2], "little", signed=True)) > 300
    )
    assert first / 2 / rate == pytest.approx(
        LEAD_SECONDS, abs=0.006
    )  # what the coding puts before it is gone


def test_no_sound_is_taken_for_the_codings_delay() -> None:
    said = b"".join(speech("One two.").steps())
    late = Decoder(24_000)
    pcm = late.feed(said[144 * 8 :])  # begins in the middle of a sine
    assert late.seconds > (len(said) - 144 * 8) / 6000 - 0.08
    assert pcm


@pytest.mark.parametrize(
    ("voice", "language", "name"),
    [
        ("", "", JENNY),
        ("", "en", JENNY),
        ("", "en-US", JENNY),
        ("", "en-XX", JENNY),
        ("", "en-GB", "en-GB-SoniaNeural"),
        ("", "en_gb", "en-GB-SoniaNeural"),
        ("", "ru", "ru-RU-SvetlanaNeural"),
        ("", "ru-RU", "ru-RU-SvetlanaNeural"),
        ("", "pt", "pt-BR-FranciscaNeural"),
        ("", "pt-PT", "pt-PT-RaquelNeural"),
        ("", "es-MX", "es-MX-DaliaNeural"),
        ("", "zh", "zh-CN-XiaoxiaoNeural"),
        ("", "zh-TW", "zh-TW-HsiaoChenNeural"),
        ("", "zh-Hant", "zh-TW-HsiaoChenNeural"),
        ("", "zh-Hans-CN", "zh-CN-XiaoxiaoNeural"),
        ("", "no", "nb-NO-PernilleNeural"),
        ("", "iw", "he-IL-HilaNeural"),
        ("", "tlh", JENNY),
        ("de", "ru", "de-DE-KatjaNeural"),
        ("de-AT", "ru", "de-AT-IngridNeural"),
        ("fr-FR-HenriNeural", "ru", "fr-FR-HenriNeural"),
        ("xx-YY-SomebodyNeural", "ru", "xx-YY-SomebodyNeural"),
        ("en-us-JennyNeural", "ru", "en-US-JennyNeural"),
        ("zh-CN-liaoning-XiaobeiNeural", "", "zh-CN-liaoning-XiaobeiNeural"),
        ("iu-Cans-CA-TaqqiqNeural", "", JENNY),  # the library does not take it
    ],
)
def test_who_speaks(voice: str, language: str, name: str) -> None:
    assert chosen(voice, language, JENNY) == name


def test_the_configured_voice_speaks_its_language() -> None:
    assert chosen("", "en", "en-GB-RyanNeural") == "en-GB-RyanNeural"
    assert chosen("", "en-US", "en-GB-RyanNeural") == JENNY
    assert chosen("", "ru", "ru-RU-DmitryNeural") == "ru-RU-DmitryNeural"


@pytest.mark.parametrize(
    "voice",
    ["nobody", "no-such-voice", "en-US-Jenny", "tlh", "en-US-'/><NeuralNeural'", "en-US-JennyNeural\n"],
)
def test_who_does_not_exist(voice: str) -> None:
    with pytest.raises(BadRequest, match="unknown voice"):
        chosen(voice, "en", JENNY)


def test_the_table_has_a_voice_for_each_language_once() -> None:
    wanted = "en ru de fr es it pt pl uk nl tr ar he hi zh ja ko sv da nb fi cs sk hu ro bg el vi th id"
    assert set(wanted.split()) <= {person.tag.partition("-")[0] for person in VOICES}
    assert len({person.name for person in VOICES}) == len(VOICES)
    assert all(chosen(person.name, "", JENNY) == person.name for person in VOICES)
