"""Where an answer comes from is said in its own language, and is no part of it afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.integrations.phrases import GREETING
from nexy.modules.text_processing.sources import sources, without_sources

SITES = ["bbc.com", "a.org"]
ANSWERS = {
    "en": ("It rains.", "The café El Gato is in Los Angeles.", "Beyoncé sings in Paris.", "Yes."),
    "ru": ("Сегодня идёт дождь (BBC).", "Завтра в Киеве будет дождь.", "Да."),
    "de": ("Es regnet.", "Heute regnet es in Köln, morgen scheint die Sonne."),
    "fr": (
        "Il pleut aujourd'hui à Paris.",
        "La tour Eiffel mesure 330 mètres.",
        "C'est Paris, qui est né là.",
    ),
    "es": ("Hoy hace sol en Madrid y mañana llueve.", "Madrid es la capital de España."),
    "it": ("Oggi piove a Roma.", "La partita è finita due a uno.", "Roma è la capitale d'Italia."),
    "pt": ("O Porto ganhou o jogo por dois a um.", "Lisboa é a capital de Portugal."),
    "pl": ("Dziś w Warszawie pada deszcz.", "Warszawa ma 1,8 miliona mieszkańców."),
    "uk": ("Сьогодні в Києві дощ.", "Це столиця України."),
}
SAID = {
    "en": "Sources: bbc.com, a.org.",
    "ru": "Источники: bbc.com, a.org.",
    "de": "Quellen: bbc.com, a.org.",
    "fr": "Sources : bbc.com, a.org.",
    "es": "Fuentes: bbc.com, a.org.",
    "it": "Fonti: bbc.com, a.org.",
    "pt": "Fontes: bbc.com, a.org.",
    "pl": "Źródła: bbc.com, a.org.",
    "uk": "Джерела: bbc.com, a.org.",
}


def test_they_are_said_in_every_language_that_nexy_greets_in() -> None:
    assert set(SAID) == set(ANSWERS) == set(GREETING)


@pytest.mark.parametrize(
    ("language", "answer"),
    [(language, answer) for language, answers in ANSWERS.items() for answer in answers],
)
def test_they_are_said_in_the_language_of_the_answer(language: str, answer: str) -> None:
    assert sources(answer, SITES) == f"\n\n{SAID[language]}"


@pytest.mark.parametrize("answer", ["", "42", "雨が降っています。", "Βρέχει."])
def test_an_answer_in_another_language_is_followed_by_english(answer: str) -> None:
    assert sources(answer, SITES) == f"\n\n{SAID['en']}"


@pytest.mark.parametrize("said", SAID.values())
def test_they_are_no_part_of_the_answer_however_much_of_them_was_heard(said: str) -> None:
    words = said.split(" ")
    for heard in range(len(words) + 1):
        whole = "It rains.\n\n" + " ".join(words[:heard])
        assert without_sources(whole).rstrip() == "It rains."


@given(
    st.text(max_size=60), st.lists(st.from_regex(r"[a-z]+\.[a-z]+", fullmatch=True), min_size=1, max_size=3)
)
def test_what_was_put_behind_an_answer_is_taken_off_again(answer: str, sites: list[str]) -> None:
    assert without_sources(answer + sources(answer, sites)) == answer.rstrip()


@pytest.mark.parametrize(
    "answer",
    [
        "Sources: two of them.",
        "It rains. Sources: bbc.com.",
        "Sources are many.\n\nSources: a.\nThat is all.",
    ],
)
def test_what_only_looks_like_them_stays(answer: str) -> None:
    assert without_sources(answer) == answer
