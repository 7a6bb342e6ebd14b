"""What the offline assistant says, in both languages: short sentences, the answer first."""

from nexy.modules.text_processing.providers.offline.language import Language


def say(key: str, language: Language, **words: object) -> str:
    """The phrase `key` in `language`, with `words` put in."""
    return _PHRASES[language][key].format(**words)


_ENGLISH = {
    "morning": "Good morning{name}.",
    "afternoon": "Good afternoon{name}.",
    "evening": "Good evening{name}.",
    "night": "Hello{name}.",
    "greeting": "{hello} I am Nexy. I work without a language model just now. Ask me what I can do.",
    "who": "I am Nexy, a voice assistant. I work without a language model just now, so I can do only "
    "simple things. Ask me what I can do.",
    "help": "I can do sums, tell the time and the date, repeat your words, remember what you tell me while "
    "we talk, and say what kind of picture you sent. For anything else I need a language model, and I have "
    "none just now.",
    "how": "I am running well, thank you. What can I do for you?",
    "thanks": "You are welcome.",
    "bye": "Goodbye{name}.",
    "hear": "Yes, I hear you.",
    "okay": "All right.",
    "silent": "I did not hear anything. Ask me what I can do.",
    "unsaid": "I have not said anything yet.",
    "you_said": "You said: {said}",
    "you_unsaid": "You have not said anything before this.",
    "long": "{said} That is as much as I repeat at once.",
    "time": "It is {time} by my clock.",
    "date": "Today is {date}.",
    "tomorrow": "Tomorrow is {date}.",
    "yesterday": "Yesterday was {date}.",
    "picture": "I have a {kind} picture, {width} by {height} pixels, {size}. Without a language model I "
    "cannot say what it shows.",
    "no_picture": "I have no picture of your screen.",
    "unknown": "I cannot answer that without a language model.{heard}{abilities}",
    "abilities": " I can do sums, tell the time and the date, repeat your words and remember what you tell "
    "me.",
    "heard": " I heard: {said}",
    "rest": "The rest I cannot answer without a language model.",
    "foreign": "I cannot answer that without a language model. Just now I understand only English and "
    "Russian.",
    "sum": "{sum} is {result}",
    "sum_result": "The result is {result}.",
    "sum_zero": "That has no answer: nothing can be divided by zero.",
    "sum_big": "That number is too big for me.",
    "sum_unreal": "That has no answer among the ordinary numbers.",
    "sum_long": "That sum is too long for me. Please ask for a shorter one.",
    "sum_broken": "I cannot work that out as it stands. Please say the sum again.",
    "told_name": "Your name is {value}.",
    "told_home": "You live {value}.",
    "told_like": "You like {value}.",
    "told_please": "You like {value}.",
    "told_age": "You are {value} years old.",
    "told_work": "You work {value}.",
    "told_note": "You told me: {value}",
    "untold_name": "You have not told me your name yet.",
    "untold_home": "You have not told me where you live yet.",
    "untold_like": "You have not told me what you like yet.",
    "untold_please": "You have not told me what you like yet.",
    "untold_age": "You have not told me your age yet.",
    "untold_work": "You have not told me about your work yet.",
    "untold": "You have not told me anything to remember yet.",
    "told": "You told me this. {facts}",
    "note": "I will remember: {value}",
    "met": "Nice to meet you, {value}. I will remember your name.",
    "noted": "{facts} I will remember that.",
}

_RUSSIAN = {
    "morning": "Доброе утро{name}.",
    "afternoon": "Добрый день{name}.",
    "evening": "Добрый вечер{name}.",
    "night": "Здравствуйте{name}.",
    "greeting": "{hello} Я Нэкси. Сейчас я работаю без языковой модели. Спросите, что я умею.",
    "who": "Я Нэкси, голосовой помощник. Сейчас я работаю без языковой модели, поэтому умею только простое. "
    "Спросите, что я умею.",
    "help": "Я умею считать, называть время и дату, повторять ваши слова, помнить то, что вы скажете, пока "
    "мы говорим, и сообщать, какая картинка пришла. Для остального мне нужна языковая модель, а сейчас "
    "её нет.",
    "how": "У меня всё работает, спасибо. Чем помочь?",
    "thanks": "Пожалуйста.",
    "bye": "До свидания{name}.",
    "hear": "Да, я вас слышу.",
    "okay": "Хорошо.",
    "silent": "Я ничего не слышу. Спросите, что я умею.",
    "unsaid": "Я пока ничего не говорю, повторять нечего.",
    "you_said": "Вы сказали: {said}",
    "you_unsaid": "До этого вы ничего не говорили.",
    "long": "{said} Больше за один раз я не повторяю.",
    "time": "На моих часах {time}.",
    "date": "Сегодня {date}.",
    "tomorrow": "Завтра {date}.",
    "yesterday": "Вчера: {date}.",
    "picture": "У меня есть картинка {kind}, {width} на {height}, {size}. Без языковой модели я не могу "
    "сказать, что на ней.",
    "no_picture": "У меня нет картинки вашего экрана.",
    "unknown": "Без языковой модели я не могу на это ответить.{heard}{abilities}",
    "abilities": " Я умею считать, называть время и дату, повторять ваши слова и помнить то, что вы скажете.",
    "heard": " Я слышу: {said}",
    "rest": "На остальное я не могу ответить без языковой модели.",
    "foreign": "Без языковой модели я не могу на это ответить. Сейчас я понимаю только английский и русский.",
    "sum": "{sum} будет {result}",
    "sum_result": "Получается {result}.",
    "sum_zero": "Ответа нет: на ноль делить нельзя.",
    "sum_big": "Это число для меня слишком большое.",
    "sum_unreal": "Среди обычных чисел ответа нет.",
    "sum_long": "Этот пример для меня слишком длинный. Спросите покороче.",
    "sum_broken": "Так я не могу посчитать. Повторите пример, пожалуйста.",
    "told_name": "Вас зовут {value}.",
    "told_home": "Вы живёте {value}.",
    "told_like": "Вы любите {value}.",
    "told_please": "Вам {value}.",
    "told_age": "Вам {value}.",
    "told_work": "Вы работаете {value}.",
    "told_note": "Вы сказали: {value}",
    "untold_name": "Вы ещё не сказали, как вас зовут.",
    "untold_home": "Вы ещё не сказали, где живёте.",
    "untold_like": "Вы ещё не сказали, что любите.",
    "untold_please": "Вы ещё не сказали, что вам нравится.",
    "untold_age": "Вы ещё не сказали, сколько вам лет.",
    "untold_work": "Вы ещё не сказали, где работаете.",
    "untold": "Вы ещё ничего не просили запомнить.",
    "told": "Вот что вы сказали. {facts}",
    "note": "Буду помнить: {value}",
    "met": "Приятно познакомиться, {value}. Буду помнить ваше имя.",
    "noted": "{facts} Буду помнить это.",
}

_PHRASES = {"en": _ENGLISH, "ru": _RUSSIAN}
