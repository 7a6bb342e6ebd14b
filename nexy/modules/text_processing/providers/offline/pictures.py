"""Says of a screenshot what can be known without looking at it."""

from nexy.modules.text_processing.providers.offline.language import Language, plural
from nexy.modules.text_processing.providers.offline.phrases import say
from nexy.types import Screenshot

_KINDS = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def describe(screenshot: Screenshot | None, language: Language) -> str:
    """Its kind, its width and height and its size; or that there is none."""
    if screenshot is None:
        return say("no_picture", language)
    size = _size(len(screenshot.image), language)
    kind = _KINDS[screenshot.kind]
    if language == "ru":
        pixels = plural(screenshot.height, "пиксель", "пикселя", "пикселей")
        return say(
            "picture",
            language,
            kind=kind,
            width=screenshot.width,
            height=f"{screenshot.height} {pixels}",
            size=size,
        )
    return say("picture", language, kind=kind, width=screenshot.width, height=screenshot.height, size=size)


def _size(length: int, language: Language) -> str:
    """ "about 230 kilobytes", "about 2.3 megabytes"."""
    kilobytes = round(length / 1000)
    megabytes = f"{length / 1_000_000:.1f}".removesuffix(".0")
    if language == "ru":
        if kilobytes == 0:
            return "меньше килобайта"
        if kilobytes < 1000:
            return f"около {kilobytes} {plural(kilobytes, 'килобайта', 'килобайт', 'килобайт')}"
        return f"около {megabytes.replace('.', ',')} {'мегабайта' if '.' in megabytes else 'мегабайт'}"
    if kilobytes == 0:
        return "less than a kilobyte"
    if kilobytes < 1000:
        return f"about {kilobytes} kilobyte{'' if kilobytes == 1 else 's'}"
    return f"about {megabytes} megabyte{'' if megabytes == '1' else 's'}"
