"""A text comes in as a model writes it, and goes out in sentences: whole, at once, nothing lost."""

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nexy.modules.text_filtering import SentenceSplitter


def cut(feeds: Iterable[str], longest: int = 400, first: int = 0) -> list[str]:
    """All pieces of a text that was written in `feeds`."""
    splitter = SentenceSplitter(longest, first)
    pieces = [piece for text in feeds for piece in splitter.feed(text)]
    rest = splitter.flush()
    return [*pieces, rest] if rest else pieces


def tokens(text: str) -> list[str]:
    """The text as a model writes it: a word at a time, each with the white space before it."""
    return re.findall(r"\s*\S+|\s+\Z", text)


# In each text "¦" stands where one piece ends and the next begins.
PROSE = [
    "",
    "Yes.",
    "Hello there.¦ How are you?¦ Fine!",
    "Yes.¦ That is right.",
    "No.¦ You can't.",
    "Really?!¦ Yes...¦ Well…¦ maybe not.",
    "...and so on.¦ Well ...¦ yes.",
    "Привет.¦ Как дела?¦ Хорошо!",
    "Bonjour !¦ Ça va ?¦ Oui.",
    "यह अच्छा है।¦ ठीक है।",
    "هل أنت بخير؟¦ نعم.",
    "今天天气很好。¦我们去吧！¦「好的。」¦她说。",
    "Hi!¦ 😊 How are you?¦ 👍",
    "Well-known, don't.¦ It's rock 'n' roll.¦ OK.",
]
QUOTED = [
    'He said "Yes."¦ She left.',
    "He said “Yes.”¦ She left.",
    "Он сказал: «Да.»¦ Она ушла.",
    "„Ja.“¦ Gut.",
    "(I think so.)¦ Maybe [not.]¦ Who knows.",
    "(Really?).¦ Yes.",
    '"I don\'t know."¦ He left.',
    "**Tip.**¦ Do _this._¦ Now.",
    "She (my friend.¦ Really) came.",
]
NUMBERS = [
    "A crowd of 5!¦ Is it 5?¦ So.",
    "It costs $3.50.¦ It was 1.234,56 € before.¦ Good.",
    "Python 3.11.7 is out.¦ Use 3.12.¦ Now.",
    "At 10.30 or 10:30.¦ On 21.11.2026.¦ At 192.168.0.1.¦ Yes.",
    "In 2024.¦ Then came 2025.¦ So.",
    "On 3. november.¦ So.",
    "Count 1…¦ 2…¦ 3.",
    "I have 3.¦\nOr 4.",
]
ADDRESSES = [
    "See https://example.com/a.b?c=d for it.¦ Mail bob.s@x.org.¦ Done.",
    "Is it example.com?¦ It is www.example.com.¦ OK.",
    "Open main.py and C:\\a.txt.¦ Use .net or ./run.sh now.¦ Yes.",
    "Use and/or.¦ Fine.",
    "A dot .py and a stop .¦ So.",
]
ABBREVIATIONS = [
    "Dr. Smith and Mrs. Jones vs. Prof. X came.¦ Good.",
    "Fruit, e.g. Apples, i.e. food, etc. and so on.¦ Or nuts etc.¦ Then.",
    "At 5 p.m. we eat.¦ At 10 p.m.¦ Then bed.",
    "The U.S. economy grew in the U.S.¦ The rest waited.",
    "She has a Ph.D. in law.¦ He works for Acme Inc.¦ Good.",
    "Room No. 5 is free.¦ It is fig. 3 there.",
    "Это, т.е. Москва, ул. Ленина, д. 5, кв. 7.¦ Да.",
    "Это т. е. Москва, груши и т. д. и т.п.¦ Потом.",
    "Это 5 тыс. руб.¦ Потом 3 млн. человек.",
    "Он жил в г. Москве.¦ Он родился в 1961 г. в мае.¦ В 1999 г.¦ Он умер.",
    "См. Приложение, напр. Второе.¦ Да.",
    "Hold e.g.¦\n\nNew",
]
INITIALS = [
    "J. R. R. Tolkien and J.-P. Sartre met J.R.R. Tolkien.¦ Yes.",
    "А. С. Пушкин и А.С. Грибоедов.¦ Да.",
    "Solve it for x.¦ Then go.",
]
LINES = [
    "One line\nand the same sentence.¦ Next",
    "A paragraph¦\n\nAnother¦\n \n\nA third",
    "Steps:¦\n- one¦\n- two.¦ More¦\n\n* three¦\nfour",
    "Steps¦\n- one",
    "1. First¦\n2. Second.¦ Really.¦\n3) Third",
    "a. First.¦\n**3.** Third",
    "## Title¦\nText under it.¦\n#### 2. Next¦\n> quoted¦\nplain",
    "**Title**¦\nText  ¦\nmore",
    "| a | b |¦\n| 1 | 2 |¦\ndone",
    "See:¦\n\n| a | b |\n|---|---|¦\n| 1 | 2 |¦\n| 3. So | 4 |¦\n\nDone.",
    "| a |\n| :-: |¦\n| 1 |",
    "---\n\n# Title¦\n\nText.",
    "- \n- one¦\n-5 degrees",
    'An open "quote.¦\nIt ends.¦ So.',
]
CODE = [
    'See:¦\n```python\nprint("a.b")\n\nx = 1. Y\n```¦ So.',
    "```one. two```¦ is code.¦ Yes.",
    "See¦\n~~~\na. B\n```\nc. D\n~~~¦\nSo.",
    "````\n```\na. B\n```\n````¦ So.",
    "Not ``` code.¦ So.",
    "```\nnever. Closed",
]


@pytest.mark.parametrize(
    "marked",
    [*PROSE, *QUOTED, *NUMBERS, *ADDRESSES, *ABBREVIATIONS, *INITIALS, *LINES, *CODE],
)
def test_a_text_is_cut_at_the_ends_of_its_sentences_whole_or_in_tokens(marked: str) -> None:
    pieces = [piece for piece in marked.split("¦") if piece]
    text = "".join(pieces)
    assert cut([text]) == pieces
    assert cut(tokens(text)) == pieces


@pytest.mark.parametrize(
    ("feeds", "released"),
    [
        (["Yes", "."], [[], ["Yes."]]),
        (["Hello", " there", "!"], [[], [], ["Hello there!"]]),
        (["No", "."], [[], ["No."]]),
        (["Да", "."], [[], ["Да."]]),
        (["好", "。"], [[], ["好。"]]),
        (["(So", ").", " And"], [[], ["(So)."], []]),
        (["- one", "\n"], [[], ["- one"]]),
        (["As follows:", "\n"], [[], ["As follows:"]]),
        (["```\na. B\n", "``", "`"], [[], [], ["```\na. B\n```"]]),
    ],
)
def test_a_sentence_is_let_go_the_moment_its_end_is_written(
    feeds: list[str], released: list[list[str]]
) -> None:
    splitter = SentenceSplitter()
    assert [splitter.feed(text) for text in feeds] == released


@pytest.mark.parametrize(
    ("feeds", "released"),
    [
        (["It is 3.", "5 km", "."], [[], [], ["It is 3.5 km."]]),
        (["It is 3.", " ", "Next"], [[], [], ["It is 3."]]),
        (["It is 3.", "\n"], [[], ["It is 3."]]),
        (["I like nuts etc.", " ", "The"], [[], [], ["I like nuts etc."]]),
        (["At 5 p.m.", " Then"], [[], ["At 5 p.m."]]),
        (["At 5 p", ".", "m", "."], [[], [], [], []]),
        (["Ask Dr.", " Smith", "."], [[], [], ["Ask Dr. Smith."]]),
        (["In room no.", " 5"], [[], []]),
        (["By J.", " Smith", "."], [[], [], ["By J. Smith."]]),
        (["See example.com.", " So"], [[], ["See example.com."]]),
        (["A dot .", "py", " file", "."], [[], [], [], ["A dot .py file."]]),
        (['He said "Yes.', '"', " So"], [[], ['He said "Yes."'], []]),
        (['He said "Yes.', " Or", " so.", '"'], [[], ['He said "Yes.'], [], [' Or so."']]),
        (["**Tip.", "*", "* So"], [[], [], ["**Tip.**"]]),
        (["「好。", "」"], [[], ["「好。」"]]),
        (["A plan\n", "1", ".", " Go"], [[], [], [], ["A plan"]]),
        (["A plan\n", "to go", "."], [[], [], ["A plan\nto go."]]),
    ],
)
def test_it_is_held_while_what_comes_next_may_still_belong_to_it(
    feeds: list[str], released: list[list[str]]
) -> None:
    splitter = SentenceSplitter()
    assert [splitter.feed(text) for text in feeds] == released


def test_what_comes_too_late_opens_the_next_sentence() -> None:
    assert cut(["Wait", ".", ".", ".", " what", "?", "!", " Yes", "."]) == ["Wait.", ".. what?", "! Yes."]


def test_a_short_answer_without_an_end_is_not_lost() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("Yes") == []
    assert splitter.flush() == "Yes"
    assert splitter.flush() == ""


def test_after_a_flush_the_splitter_begins_anew() -> None:
    splitter = SentenceSplitter()
    splitter.feed("```\nopen code")
    splitter.flush()
    assert splitter.feed("Hello. World.") == ["Hello.", " World."]
    assert splitter.feed("\n# A title\n") == ["\n# A title"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("one two three, four five six seven", ["one two three,", " four five six seven"]),
        ("one two three four five six", ["one two three four", " five six"]),
        ("one, two three four five", ["one, two three four", " five"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst", "uvwxyz"]),
        ("一二三四五六七八九十一二三，四五六七八九十", ["一二三四五六七八九十一二三，", "四五六七八九十"]),
        (
            "一二三四五六七八九十一二三四五六七八九十，又",
            ["一二三四五六七八九十一二三四五六七八九十", "，又"],
        ),
        ("    two three four five", ["    two three four", " five"]),
        (" - - " + "one" * 6, [" - - ", "one" * 6]),
        ("." * 45, ["." * 20, "." * 20, "." * 5]),
        ("nothing to say......", ["nothing to say......"]),
        ("nothing much to say......", ["nothing much to", " say......"]),
        (" " * 30 + "- one", [" " * 20, " " * 10 + "- one"]),
        ("one two three\n" + " " * 20 + "- four", ["one two three", "\n" + " " * 19, " - four"]),
    ],
)
def test_a_clause_that_is_too_long_is_let_go_at_its_best_place(text: str, pieces: list[str]) -> None:
    assert cut([text], longest=20) == pieces


def test_a_piece_has_at_least_one_character() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SentenceSplitter(0)


def test_code_is_one_piece_however_long_and_its_fence_may_come_in_any_parts() -> None:
    code = "```\n" + "x = 1.0. Y\n\n" * 100 + "```"
    assert cut(code + "So.") == [code, "So."]


def test_the_splitter_says_how_much_it_holds() -> None:
    splitter = SentenceSplitter()
    splitter.feed("Hello. How")
    assert repr(splitter) == "<SentenceSplitter: 4 characters held>"
    splitter.feed(" now.\n```\ncode")
    splitter.feed("more")
    assert repr(splitter) == "<SentenceSplitter: 13 characters held>"


ANYTHING = st.text() | st.text(alphabet="ab1Aя好. .!?…,:;\n\n-*#`~\"'“”«»()[]|>。！é/@\t😊", max_size=300)
LIMITS = st.integers(1, 60)


@st.composite
def feeds(draw: st.DrawFn) -> list[str]:
    """A text in pieces of any size."""
    text = draw(ANYTHING)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=30)))
    return [text[a:b] for a, b in pairwise([0, *places, len(text)])]


@given(feeds(), LIMITS)
@example(["```", "`", "``` a."], 9)
def test_joined_the_pieces_are_the_text_and_none_is_empty(feeds: list[str], longest: int) -> None:
    pieces = cut(feeds, longest)
    assert "".join(pieces) == "".join(feeds)
    assert all(pieces)


@given(st.text(alphabet='ab1. .,!\n\n- ")', max_size=300), LIMITS, st.integers(1, 9))
def test_no_piece_and_nothing_held_is_longer_than_it_may_be(text: str, longest: int, size: int) -> None:
    splitter = SentenceSplitter(longest)
    held = 0
    for start in range(0, len(text), size):
        held += len(text[start : start + size])
        for piece in splitter.feed(text[start : start + size]):
            assert len(piece) <= longest
            held -= len(piece)
        assert held <= longest  # so a feed looks at no more than this and itself, however long the text


@given(st.text(alphabet="aя1.. ,!-", max_size=300), st.integers(20, 60))
def test_a_word_that_fits_is_never_cut(text: str, longest: int) -> None:
    words = {word for word in text.split() if len(word) <= longest}
    for piece in cut([text], longest):
        words.difference_update(piece.split())
    assert not words


@given(st.text(alphabet="aя.!, \n-1", max_size=300))
def test_only_the_last_piece_may_have_nothing_to_say(text: str) -> None:
    *pieces, _ = [*cut([text]), ""][:-1] or [""]
    assert all(re.search(r"\w", piece) for piece in pieces)


WORDS = st.sampled_from(
    ["a", "I", "so", "Yes", "No", "Go", "etc", "Dr", "e.g", "p.m", "U.S", "J", "х", "да", "т.е", "г", "ул",
     "好", "3", "3.5", "10:30", "x.org", "1.", "-", "*", "#", "«Да»", "(so)", "**b**", '"q', "'", "😊"]
)  # fmt: skip
ENDS = st.sampled_from(["", "", "", ".", "!", "?!", "...", "…", ",", ":", '."', ".)", "。"])
SPACES = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\n- ", "  "])


@given(st.lists(st.tuples(WORDS, ENDS, SPACES), max_size=40))
def test_the_cuts_do_not_depend_on_how_the_words_came(parts: list[tuple[str, str, str]]) -> None:
    text = "".join(word + end + space for word, end, space in parts)
    for first in (0, 3):
        assert cut(tokens(text), 10_000, first) == cut([text], 10_000, first)


@pytest.mark.parametrize(
    "marked",
    [
        "Well, I think so,¦ and so do you, too.¦ Yes, of course, all.",
        "If so: yes.¦ Or no, not so.",
        "It is here on Nov 26, 2026, at last,¦ and then gone.¦ Yes.",
        "That is (see here, and there),¦ good.¦ Fine.",
        "It costs 1,000,000.¦ A lot, or not, no.",
        "He said “I am not, yet”,¦ and left.",
        "今天天气很好，¦我们去吧。¦好，走。",
        "好，走。¦好",
        "- One thing and two,¦ and more.¦\n- Three, four, five, six.",
        "Yes.¦ But I, too, am here, now.",
        "Yes!",
        "```\na, b, c, d, e\n```¦ So it is, or not.",
    ],
)
def test_the_first_piece_may_be_a_clause(marked: str) -> None:
    pieces = marked.split("¦")
    for feeds in ("".join(pieces), tokens("".join(pieces)), ["".join(pieces)]):
        assert cut(feeds, first=3) == pieces


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The answer is fo", "The answer is"),
        ("The answer is ", "The answer is"),
        ("The answer is 3.", "The answer is 3."),
        ("So,", "So,"),
        ("It costs 1,", "It costs"),
        ("Come at 10:", "Come at"),
        ("It is on https:", "It is on"),
        ("See ~/a and say.", ""),  # gone already
        ("So", ""),
        (" So", ""),
        ("", ""),
        ("- ", ""),
        ("A plan\n", "A plan"),
        ("A plan\n-", "A plan"),
        ("A plan:\n1", ""),  # gone already
        ("```py\nx = 1 ", ""),
        ("Ask Dr.", "Ask"),
        ("Look (or no", "Look (or"),
        ("今天天气", ""),
        ("今天天气，", "今天天气，"),
    ],
)
def test_what_can_be_said_when_the_model_pauses(written: str, said: str) -> None:
    splitter = SentenceSplitter()
    gone = "".join(splitter.feed(written))
    assert splitter.let_go() == said
    assert splitter.let_go() == ""
    assert gone + said + "".join(splitter.feed(" on.")) + splitter.flush() == written + " on."


@given(feeds(), LIMITS, st.integers(0, 4), st.sets(st.integers(0, 30)))
def test_nothing_is_lost_in_pauses(feeds: list[str], longest: int, first: int, pauses: set[int]) -> None:
    splitter, pieces = SentenceSplitter(longest, first), list[str]()
    for number, text in enumerate(feeds):
        pieces += splitter.feed(text)
        if number in pauses and (piece := splitter.let_go()):
            assert re.search(r"[^\W_]", piece)
            assert len(piece) <= longest
            pieces.append(piece)
    assert "".join([*pieces, splitter.flush()]) == "".join(feeds)
