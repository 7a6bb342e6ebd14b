"""What Nexy says by itself, in the languages that it greets in."""

GREETINGS = {
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
APOLOGIES = {
    "en": "I am sorry, I cannot answer just now. Please try again in a moment.",
    "ru": "Извините, сейчас я не могу ответить. Пожалуйста, попробуйте ещё раз чуть позже.",
}


def in_language(phrases: dict[str, str], language: str) -> tuple[str, str]:
    """The phrase for a BCP 47 tag such as "ru-RU", and the language that it is in."""
    short = language.replace("_", "-").partition("-")[0].lower()
    found = short if short in phrases else "en"
    return phrases[found], found
