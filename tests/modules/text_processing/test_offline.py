"""Stories told to the offline assistant, in English and in Russian. No clock but the one in talking.py."""

from datetime import datetime

import pytest

from nexy.config import ModelsConfig
from nexy.modules.text_processing.model import Prompt, Usage
from nexy.modules.text_processing.providers import open_offline
from nexy.modules.text_processing.providers.offline.assistant import answer
from nexy.types import Exchange, Screenshot
from tests.modules.text_processing.talking import SATURDAY, talk

UNKNOWN = "I cannot answer that without a language model."
ABILITIES = " I can do sums, tell the time and the date, repeat your words and remember what you tell me."
REST = "The rest I cannot answer without a language model."

SINGLE = {
    # who, what, how
    "Hello": "Good afternoon. I am Nexy. I work without a language model just now. Ask me what I can do.",
    "Привет!": "Добрый день. Я Нэкси. Сейчас я работаю без языковой модели. Спросите, что я умею.",
    "Who are you?": "I am Nexy, a voice assistant. I work without a language model just now, so I can do "
    "only simple things. Ask me what I can do.",
    "Кто ты такая?": "Я Нэкси, голосовой помощник. Сейчас я работаю без языковой модели, поэтому умею только "
    "простое. Спросите, что я умею.",
    "How are you?": "I am running well, thank you. What can I do for you?",
    "Как дела?": "У меня всё работает, спасибо. Чем помочь?",
    "Tell me about yourself": "I am Nexy, a voice assistant. I work without a language model just now, so "
    "I can do only simple things. Ask me what I can do.",
    "hello " * 9
    + "there, who is it": f"{UNKNOWN} I heard: {('hello ' * 9).capitalize()}there, who is it.{ABILITIES}",
    "Thank you very much!": "You are welcome.",
    "Спасибо большое": "Пожалуйста.",
    "Goodbye": "Goodbye.",
    "До свидания": "До свидания.",
    "Can you hear me?": "Yes, I hear you.",
    "Ты меня слышишь?": "Да, я вас слышу.",
    "Stop": "All right.",
    "Хватит": "Хорошо.",
    # the clock
    "What time is it?": "It is 2:05 PM by my clock.",
    "Nexy, could you tell me the time, please": "It is 2:05 PM by my clock.",
    "Который час?": "На моих часах 14:05.",
    "Скажи, пожалуйста, сколько времени": "На моих часах 14:05.",
    "What's the date today?": "Today is Saturday, 3 October 2026.",
    "What day is tomorrow?": "Tomorrow is Sunday, 4 October 2026.",
    "What was yesterday?": "Yesterday was Friday, 2 October 2026.",
    "Какое сегодня число?": "Сегодня суббота, 3 октября 2026 года.",
    "Какой завтра день?": "Завтра воскресенье, 4 октября 2026 года.",
    "Какой вчера был день?": "Вчера: пятница, 2 октября 2026 года.",
    # sums
    "What is 17 times 3?": "17 times 3 is 51.",
    "2+2": "2 plus 2 is 4.",
    "Сколько будет 17 на 3?": "17 умножить на 3 будет 51.",
    # repeating
    "Repeat after me: hello there. How are you?": "Hello there. How are you?",
    'Say "cheese"': "Cheese.",
    "Повтори за мной: всё хорошо. Да!": "Всё хорошо. Да!",
    "скажи добрый вечер": "Добрый вечер.",
    "скажи good morning everyone": "Good morning everyone.",
    "Repeat that": "I have not said anything yet.",
    "Повтори": "Я пока ничего не говорю, повторять нечего.",
    "What did I say?": "You have not said anything before this.",
    # pictures
    "What's on my screen?": "I have no picture of your screen.",
    "Опиши картинку": "У меня нет картинки вашего экрана.",
    # what it cannot do
    "Who wrote Hamlet?": f"{UNKNOWN} I heard: Who wrote Hamlet?{ABILITIES}",
    "say to": "To.",
    'say ""': f'{UNKNOWN} I heard: Say "".{ABILITIES}',
    "скажи,, мне анекдот": "Без языковой модели я не могу на это ответить. Я слышу: Скажи,, мне анекдот. Я "
    "умею считать, называть время и дату, повторять ваши слова и помнить то, что вы скажете.",
    "?!": f"{UNKNOWN}{ABILITIES}",
    "你好吗": f"{UNKNOWN} Just now I understand only English and Russian.",
    "": "I did not hear anything. Ask me what I can do.",
    " \x00 \n": "I did not hear anything. Ask me what I can do.",
    # several things at once
    "Hello. What is 17 times 3? And what time is it?": "Good afternoon. 17 times 3 is 51. It is 2:05 PM by "
    "my clock.",
    "What time is it? Who wrote Hamlet?": f"It is 2:05 PM by my clock. {REST}",
    "Hello! Tell me a story.": f"{UNKNOWN} I heard: Hello! Tell me a story.{ABILITIES}",
    "What time is it? What time is it?": "It is 2:05 PM by my clock.",
}

TOLD = {
    ("My name is Ada.",): "Nice to meet you, Ada. I will remember your name.",
    ("my name is ada lovelace and I live in Riga", "What is my name?"): "Your name is Ada Lovelace.",
    ("My name is Ada. What is my name?",): "Nice to meet you, Ada. I will remember your name. "
    "Your name is Ada.",
    ("Call me Ada", "What was my name again?"): "Your name is Ada.",
    ("Call me Ada", "Call me Grace", "Who am I?"): "Your name is Grace.",
    ("Call me Ada", "Good morning"): "Good afternoon, Ada. I am Nexy. I work without a language model just "
    "now. Ask me what I can do.",
    ("Call me Ada", "Как меня зовут?"): "Вас зовут Ada.",
    ("What is my name?",): "You have not told me your name yet.",
    ("My name is not important", "What is my name?"): "You have not told me your name yet.",
    ("Call me ...", "What is my name?"): "You have not told me your name yet.",
    ("I live in Riga", "Tell me a joke", "Where do I live?"): "You live in Riga.",
    ("I live in Riga", "Где я живу?"): "Вы сказали: I live in Riga.",
    ("I live in Riga and my dog is called Rex",): "You live in Riga. Your dog is called Rex. I will remember "
    "that.",
    ("I like tea",): "You like tea. I will remember that.",
    ("I like tea", "I love long walks.", "I like Tea", "What do I like?"): "You like long walks and Tea.",
    ("I like a", "I like b", "I like c", "I like d", "What do I like?"): "You like b, c and d.",
    ("I am 42", "How old am I?"): "You are 42 years old.",
    ("I'm forty two years old", "How old am I?"): "You are forty two years old.",
    ("I work for a bank", "Who do I work for?"): "You work for a bank.",
    ("Remember that the code of the door is blue",): "I will remember: the code of the door is blue.",
    ("Remember that the code of the door is blue", "What is the code of the door?"): "You told me: the code "
    "of the door is blue.",
    (
        "Please remember: I'm late and mine is red",
        "what did I tell you",
    ): "You told me this. You are late and yours is red.",
    ("Remember you owe me a tea", "What do you remember?"): "You told me this. You owe me a tea.",
    (
        "My name is Ada",
        "I like tea",
        "I like jam",
        "Remember to call Bob",
        "What did I tell you?",
    ): "You told me this. Your name is Ada. You like tea and jam. Call Bob.",
    ("What did I tell you?",): "You have not told me anything to remember yet.",
    ("My dog is called Rex", "What's my dog called?"): "You told me: your dog is called Rex.",
    (
        "My dog is called Rex",
        "What is my cat called?",
    ): f"{UNKNOWN} I heard: What is my cat called?{ABILITIES}",
    ("Is my dog called Rex?", "What did I tell you?"): "You have not told me anything to remember yet.",
    ("what is my dog called", "What did I tell you?"): "You have not told me anything to remember yet.",
    ("Remember ...", "What did I tell you?"): "You have not told me anything to remember yet.",
    ("my dog is " + "very " * 100 + "small", "What did I tell you?"): "You have not told me anything to "
    "remember yet.",
    ("Меня зовут Ада",): "Приятно познакомиться, Ада. Буду помнить ваше имя.",
    ("Меня зовут Ада, и я живу в Риге", "Как меня зовут?"): "Вас зовут Ада.",
    ("Моё имя — Ада", "Какое у меня имя?"): "Вас зовут Ада.",
    ("Я живу в Риге", "Где я живу?"): "Вы живёте в Риге.",
    ("Где я живу?",): "Вы ещё не сказали, где живёте.",
    ("Я люблю чай", "Мне нравится море", "Что я люблю?"): "Вы любите чай. Вам нравится море.",
    ("Мне 42 года", "Сколько мне лет?"): "Вам 42 года.",
    ("Я работаю учителем", "Кем я работаю?"): "Вы работаете учителем.",
    ("Запомни, что код от двери синий",): "Буду помнить: код от двери синий.",
    ("Запомни, что код от двери синий", "Какой код двери?"): "Вы сказали: код от двери синий.",
    ("Не забудь: я завтра занят", "Что я тебе говорил?"): "Вот что вы сказали. Я завтра занят.",
    ("Мою собаку зовут Рекс", "Как зовут мою собаку?"): "Вы сказали: вашу собаку зовут Рекс.",
    ("Моя машина — красная", "Какая у меня машина?"): "Вы сказали: ваша машина — красная.",
    ("Что я тебе говорил?",): "Вы ещё ничего не просили запомнить.",
}

PAST = {
    ("What is 17 times 3?", "Repeat that"): "17 times 3 is 51.",
    ("What is 17 times 3?", "What?"): "17 times 3 is 51.",
    ("What is 17 times 3?", "I didn't hear you"): "17 times 3 is 51.",
    ("Сколько будет 2 плюс 2", "Не слышу"): "2 плюс 2 будет 4.",
    ("What is 17 times 3?", "What did you say?"): "17 times 3 is 51.",
    ("Сколько будет 2 плюс 2", "Повтори, пожалуйста"): "2 плюс 2 будет 4.",
    ("What is 17 times 3?", "What did I say?"): "You said: What is 17 times 3?",
    ("Сколько времени", "Что я сказал?"): "Вы сказали: Сколько времени.",
    ("Who wrote Hamlet?", "Who wrote Faust?"): f"{UNKNOWN} I heard: Who wrote Faust?",
    ("Привет", "2+2"): "2 плюс 2 будет 4.",
    ("Привет", ""): "Я ничего не слышу. Спросите, что я умею.",
    ("你好吗", ""): "I did not hear anything. Ask me what I can do.",
}


@pytest.mark.parametrize(("said", "answered"), SINGLE.items(), ids=lambda text: text[:30])
def test_one_thing_said(said: str, answered: str) -> None:
    assert talk(said) == answered


@pytest.mark.parametrize(("said", "answered"), TOLD.items())
def test_what_was_told_is_known_later(said: tuple[str, ...], answered: str) -> None:
    assert talk(*said) == answered


@pytest.mark.parametrize(("said", "answered"), PAST.items())
def test_what_went_before_is_known(said: tuple[str, ...], answered: str) -> None:
    assert talk(*said) == answered


def test_it_says_what_it_can_do_and_that_it_has_no_model() -> None:
    assert talk("What can you do?").startswith("I can do sums, tell the time and the date")
    assert "language model" in talk("Help me please")
    assert "языковая модель" in talk("Что ты умеешь?")


@pytest.mark.parametrize(
    ("hour", "hello"),
    [(0, "Hello."), (5, "Good morning."), (12, "Good aft"), (18, "Good eve"), (23, "Hello.")],
)
def test_a_greeting_fits_the_time_of_day(hour: int, hello: str) -> None:
    assert talk("Hi", now=SATURDAY.replace(hour=hour)).startswith(hello)


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (23, "11:05 PM")]
)
def test_the_time_of_the_whole_day(hour: int, said: str) -> None:
    assert said in talk("What time is it?", now=SATURDAY.replace(hour=hour))


PICTURES = {
    (
        230_000,
        "png",
        "what do you see",
    ): "I have a PNG picture, 1440 by 901 pixels, about 230 kilobytes. Without "
    "a language model I cannot say what it shows.",
    (
        12,
        "jpeg",
        "",
    ): "I have a JPEG picture, 1440 by 901 pixels, less than a kilobyte. Without a language model "
    "I cannot say what it shows.",
    (
        1_000,
        "webp",
        "What is this?",
    ): "I have a WebP picture, 1440 by 901 pixels, about 1 kilobyte. Without a "
    "language model I cannot say what it shows.",
    (
        2_340_000,
        "png",
        "Describe the picture",
    ): "I have a PNG picture, 1440 by 901 pixels, about 2.3 megabytes. "
    "Without a language model I cannot say what it shows.",
    (1_000_000, "png", "Describe the picture"): "I have a PNG picture, 1440 by 901 pixels, about 1 megabyte. "
    "Without a language model I cannot say what it shows.",
    (
        231_000,
        "png",
        "Что на экране?",
    ): "У меня есть картинка PNG, 1440 на 901 пиксель, около 231 килобайта. Без "
    "языковой модели я не могу сказать, что на ней.",
    (12, "png", "Что ты видишь?"): "У меня есть картинка PNG, 1440 на 901 пиксель, меньше килобайта. Без "
    "языковой модели я не могу сказать, что на ней.",
    (2_340_000, "png", "Что это?"): "У меня есть картинка PNG, 1440 на 901 пиксель, около 2,3 мегабайта. Без "
    "языковой модели я не могу сказать, что на ней.",
    (2_000_000, "png", "Что это?"): "У меня есть картинка PNG, 1440 на 901 пиксель, около 2 мегабайт. Без "
    "языковой модели я не могу сказать, что на ней.",
    (2_000_000, "png", "What is 17 times 3?"): "17 times 3 is 51.",
}


@pytest.mark.parametrize(("picture", "answered"), PICTURES.items())
def test_of_a_picture_it_says_only_what_it_knows(picture: tuple[int, str, str], answered: str) -> None:
    size, kind, said = picture
    assert kind in ("png", "jpeg", "webp")
    screenshot = Screenshot(bytes(size), kind, 1440, 901)  # type: ignore[arg-type]
    assert talk(said, screenshot=screenshot) == answered


def test_long_words_are_repeated_in_part_and_it_says_so() -> None:
    said = talk("Say after me " + "word " * 1000)
    assert said.startswith("Word word word")
    assert said.endswith("word… That is as much as I repeat at once.")
    assert len(said) < 600


def test_one_endless_word_is_cut() -> None:
    assert "ббб… Я умею" in talk("б" * 10_000)


def test_only_what_was_heard_is_repeated() -> None:
    history = (Exchange("a", "The first answer."), Exchange("b", "The second", False), Exchange("c", ""))
    assert answer(Prompt("repeat that", history), SATURDAY) == "The second."


async def test_the_answer_comes_a_word_at_a_time_and_is_counted() -> None:
    async with open_offline(ModelsConfig()) as model, model.stream(Prompt("What is 17 times 3?")) as pieces:
        assert [piece async for piece in pieces] == [
            "17",
            " times",
            " 3",
            " is",
            " 51.",
            Usage(5, 5, "offline"),
        ]


async def test_it_asks_the_clock_it_is_given() -> None:
    noon = datetime(2026, 1, 1, 12, 0).astimezone()
    async with (
        open_offline(ModelsConfig(), lambda: noon) as model,
        model.stream(Prompt("Who is it? What time is it?")) as pieces,
    ):
        said = "".join([piece async for piece in pieces if isinstance(piece, str)])
    assert said == f"It is 12:00 PM by my clock. {REST}"
