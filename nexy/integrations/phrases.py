"""What Nexy says by itself, in the languages that it greets in."""

from collections.abc import Mapping
from typing import TypeAlias

from nexy.modules.text_filtering import speakable
from nexy.types import Sentence

Phrases: TypeAlias = Mapping[str, str]
"""One thing to say, by ISO 639-1 language; English is always there."""

GREETING: Phrases = {
    "en": "Hello! I am Nexy. Ask me anything, and press the key again when you have heard enough.",
    "ru": "Здравствуйте! Я Нэкси. Спрашивайте, а когда услышите достаточно, нажмите клавишу ещё раз.",
    "de": "Hallo! Ich bin Nexy. Fragen Sie mich, was Sie möchten.",
    "fr": "Bonjour ! Je suis Nexy. Demandez-moi ce que vous voulez.",
    "es": "¡Hola! Soy Nexy. Pregúntame lo que quieras.",
    "it": "Ciao! Sono Nexy. Chiedimi quello che vuoi.",
    "pt": "Olá! Eu sou a Nexy. Pergunte o que quiser.",
    "pl": "Cześć! Jestem Nexy. Zapytaj mnie, o co chcesz.",
    "uk": "Вітаю! Я Нексі. Запитуйте про що завгодно.",
}
CANNOT: Phrases = {
    "en": "I am sorry, I cannot answer just now. Please try again in a moment.",
    "ru": "Извините, сейчас я не могу ответить. Пожалуйста, попробуйте ещё раз чуть позже.",
    "de": "Es tut mir leid, ich kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal.",
    "fr": "Je suis désolée, je ne peux pas répondre pour le moment. Réessayez dans un instant.",
    "es": "Lo siento, ahora no puedo responder. Inténtalo de nuevo en un momento.",
    "it": "Mi dispiace, ora non posso rispondere. Riprova tra un momento.",
    "pt": "Desculpe, não consigo responder agora. Tente novamente daqui a pouco.",
    "pl": "Przepraszam, teraz nie mogę odpowiedzieć. Spróbuj ponownie za chwilę.",
    "uk": "Вибачте, зараз я не можу відповісти. Спробуйте ще раз трохи пізніше.",
}
BUSY: Phrases = {
    "en": "Too many people are asking me just now. Please try again in a moment.",
    "ru": "Сейчас ко мне слишком много вопросов. Пожалуйста, попробуйте ещё раз чуть позже.",
    "de": "Gerade fragen mich zu viele zugleich. Bitte versuchen Sie es gleich noch einmal.",
    "fr": "Trop de personnes m'interrogent en ce moment. Réessayez dans un instant.",
    "es": "Ahora mismo me preguntan demasiadas personas. Inténtalo de nuevo en un momento.",
    "it": "In questo momento troppe persone mi stanno chiedendo qualcosa. Riprova tra un momento.",
    "pt": "Há muita gente a perguntar-me coisas agora. Tente novamente daqui a pouco.",
    "pl": "Zbyt wiele osób pyta mnie teraz naraz. Spróbuj ponownie za chwilę.",
    "uk": "Зараз до мене забагато запитань. Спробуйте ще раз трохи пізніше.",
}
SLOW: Phrases = {
    "en": "I am sorry, this is taking too long, so I am stopping here.",
    "ru": "Извините, это занимает слишком много времени, я остановлюсь.",
    "de": "Es tut mir leid, das dauert zu lange, ich höre hier auf.",
    "fr": "Je suis désolée, cela prend trop de temps, je m'arrête là.",
    "es": "Lo siento, esto tarda demasiado, así que lo dejo aquí.",
    "it": "Mi dispiace, ci vuole troppo tempo, mi fermo qui.",
    "pt": "Desculpe, isto está a demorar demais, vou parar aqui.",
    "pl": "Przepraszam, to trwa zbyt długo, więc tu kończę.",
    "uk": "Вибачте, це триває занадто довго, я зупинюся.",
}
CLOSING: Phrases = {
    "en": "I have to restart now. Please ask me again in a minute.",
    "ru": "Мне нужно перезапуститься. Пожалуйста, спросите ещё раз через минуту.",
    "de": "Ich muss jetzt neu starten. Bitte fragen Sie mich in einer Minute noch einmal.",
    "fr": "Je dois redémarrer. Reposez-moi la question dans une minute.",
    "es": "Tengo que reiniciarme. Pregúntame de nuevo en un minuto.",
    "it": "Devo riavviarmi. Chiedimelo di nuovo tra un minuto.",
    "pt": "Tenho de reiniciar. Pergunte-me outra vez daqui a um minuto.",
    "pl": "Muszę się uruchomić ponownie. Zapytaj mnie znowu za minutę.",
    "uk": "Мені потрібно перезапуститися. Запитайте ще раз за хвилину.",
}
TOO_LARGE: Phrases = {
    "en": "That was more than I can take in at once.",
    "ru": "Это больше, чем я могу принять за один раз.",
    "de": "Das war mehr, als ich auf einmal aufnehmen kann.",
    "fr": "C'était plus que ce que je peux recevoir en une fois.",
    "es": "Eso es más de lo que puedo recibir de una vez.",
    "it": "È più di quanto io possa ricevere in una volta.",
    "pt": "Isso é mais do que consigo receber de uma vez.",
    "pl": "To więcej, niż mogę przyjąć naraz.",
    "uk": "Це більше, ніж я можу прийняти за один раз.",
}
STRANGER: Phrases = {
    "en": "I may not answer this device. Please ask whoever set it up.",
    "ru": "Мне нельзя отвечать этому устройству. Пожалуйста, обратитесь к тому, кто его настроил.",
    "de": "Diesem Gerät darf ich nicht antworten. Bitte fragen Sie, wer es eingerichtet hat.",
    "fr": "Je ne peux pas répondre à cet appareil. Demandez à la personne qui l'a configuré.",
    "es": "No puedo responder a este dispositivo. Pregunta a quien lo configuró.",
    "it": "Non posso rispondere a questo dispositivo. Chiedi a chi lo ha configurato.",
    "pt": "Não posso responder a este dispositivo. Pergunte a quem o configurou.",
    "pl": "Nie mogę odpowiadać temu urządzeniu. Zapytaj osobę, która je skonfigurowała.",
    "uk": "Мені не можна відповідати цьому пристрою. Зверніться до того, хто його налаштував.",
}

DECLINED: Phrases = {
    "en": "I am not able to answer that.",
    "ru": "На это я ответить не могу.",
    "de": "Darauf kann ich nicht antworten.",
    "fr": "Je ne peux pas répondre à cela.",
    "es": "A eso no puedo responder.",
    "it": "A questo non posso rispondere.",
    "pt": "A isso não posso responder.",
    "pl": "Na to nie mogę odpowiedzieć.",
    "uk": "На це я відповісти не можу.",
}
MORE: Phrases = {
    "en": "There is more to say. Ask me to go on.",
    "ru": "Это ещё не всё. Попросите меня продолжить.",
    "de": "Es gibt noch mehr zu sagen. Bitten Sie mich fortzufahren.",
    "fr": "Il y a encore à dire. Demandez-moi de continuer.",
    "es": "Hay más que decir. Pídeme que siga.",
    "it": "C'è altro da dire. Chiedimi di continuare.",
    "pt": "Há mais a dizer. Peça-me para continuar.",
    "pl": "To jeszcze nie wszystko. Poproś, żebym mówiła dalej.",
    "uk": "Це ще не все. Попросіть мене продовжити.",
}
MOMENT: Phrases = {
    "en": "One moment.",
    "ru": "Одну минуту.",
    "de": "Einen Moment.",
    "fr": "Un instant.",
    "es": "Un momento.",
    "it": "Un attimo.",
    "pt": "Um momento.",
    "pl": "Chwileczkę.",
    "uk": "Хвилинку.",
}


def in_language(phrases: Phrases, language: str) -> tuple[str, str]:
    """The phrase for a BCP 47 tag such as "ru-RU", and the language that it is in."""
    short = language.replace("_", "-").partition("-")[0].lower()
    found = short if short in phrases else "en"
    return phrases[found], found


def aside(said: Phrases, language: str, *, lead: str = "", trail: str = "") -> Sentence:
    """One of Nexy's own phrases within an answer, with white space around it."""
    words, language = in_language(said, language)
    text = lead + words + trail
    spoken = speakable(text, language)
    return Sentence(text, spoken.text, spoken.marks, language, aside=True)
