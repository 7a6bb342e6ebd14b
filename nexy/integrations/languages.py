"""In which language an answer is given."""

from nexy.modules.session_management import History
from nexy.modules.text_filtering import language_of

PROMPTS_BEFORE = 4  # which are looked at for the language of one that does not tell


def language_of_prompt(prompt: str, history: History) -> str:
    """That of what the user said before, if the prompt alone does not tell: "OK."."""
    language = "en"
    for exchange in list(history)[-PROMPTS_BEFORE:]:
        language = language_of(exchange.prompt, language)
    return language_of(prompt, language)
