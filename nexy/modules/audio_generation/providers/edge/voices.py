"""Who speaks which language: a good voice of Edge's for each, and for its larger regions."""

import re
from typing import NamedTuple

from nexy.errors import BadRequest
from nexy.modules.audio_generation.names import language_of_voice, short


class Person(NamedTuple):
    """One of Edge's voices."""

    name: str
    gender: str  # "female" or "male"

    @property
    def tag(self) -> str:
        """Its language and region: "zh-TW"."""
        return "-".join(self.name.split("-")[:2])


# fmt: off
_NAMES = """
af-ZA-AdriNeural am-ET-MekdesNeural ar-EG-SalmaNeural ar-SA-ZariyahNeural ar-AE-FatimaNeural
az-AZ-BanuNeural bg-BG-KalinaNeural bn-IN-TanishaaNeural bn-BD-NabanitaNeural bs-BA-VesnaNeural
ca-ES-JoanaNeural cs-CZ-VlastaNeural cy-GB-NiaNeural da-DK-ChristelNeural de-DE-KatjaNeural
de-AT-IngridNeural de-CH-LeniNeural el-GR-AthinaNeural en-US-JennyNeural en-GB-SoniaNeural
en-AU-NatashaNeural en-CA-ClaraNeural en-IE-EmilyNeural en-IN-NeerjaNeural en-NZ-MollyNeural
en-ZA-LeahNeural en-SG-LunaNeural en-HK-YanNeural en-PH-RosaNeural en-KE-AsiliaNeural
en-NG-EzinneNeural en-TZ-ImaniNeural es-ES-ElviraNeural es-MX-DaliaNeural es-AR-ElenaNeural
es-CO-SalomeNeural es-CL-CatalinaNeural es-US-PalomaNeural es-PE-CamilaNeural es-VE-PaolaNeural
et-EE-AnuNeural fa-IR-DilaraNeural fi-FI-NooraNeural fil-PH-BlessicaNeural fr-FR-DeniseNeural
fr-CA-SylvieNeural fr-BE-CharlineNeural fr-CH-ArianeNeural ga-IE-OrlaNeural gl-ES-SabelaNeural
gu-IN-DhwaniNeural he-IL-HilaNeural hi-IN-SwaraNeural hr-HR-GabrijelaNeural hu-HU-NoemiNeural
id-ID-GadisNeural is-IS-GudrunNeural it-IT-ElsaNeural ja-JP-NanamiNeural jv-ID-SitiNeural
ka-GE-EkaNeural kk-KZ-AigulNeural km-KH-SreymomNeural kn-IN-SapnaNeural ko-KR-SunHiNeural
lo-LA-KeomanyNeural lt-LT-OnaNeural lv-LV-EveritaNeural mk-MK-MarijaNeural ml-IN-SobhanaNeural
mn-MN-YesuiNeural mr-IN-AarohiNeural ms-MY-YasminNeural mt-MT-GraceNeural my-MM-NilarNeural
nb-NO-PernilleNeural ne-NP-HemkalaNeural nl-NL-ColetteNeural nl-BE-DenaNeural pl-PL-ZofiaNeural
ps-AF-LatifaNeural pt-BR-FranciscaNeural pt-PT-RaquelNeural ro-RO-AlinaNeural ru-RU-SvetlanaNeural
si-LK-ThiliniNeural sk-SK-ViktoriaNeural sl-SI-PetraNeural so-SO-UbaxNeural sq-AL-AnilaNeural
sr-RS-SophieNeural su-ID-TutiNeural sv-SE-SofieNeural sw-KE-ZuriNeural ta-IN-PallaviNeural
te-IN-ShrutiNeural th-TH-PremwadeeNeural tr-TR-EmelNeural uk-UA-PolinaNeural ur-PK-UzmaNeural
uz-UZ-MadinaNeural vi-VN-HoaiMyNeural zh-CN-XiaoxiaoNeural zh-TW-HsiaoChenNeural
zh-HK-HiuMaanNeural zu-ZA-ThandoNeural
"""
_MEN = """
ar-EG-ShakirNeural cs-CZ-AntoninNeural de-DE-ConradNeural en-US-GuyNeural en-GB-RyanNeural
en-AU-WilliamNeural en-IN-PrabhatNeural es-ES-AlvaroNeural es-MX-JorgeNeural fi-FI-HarriNeural
fr-FR-HenriNeural fr-CA-JeanNeural he-IL-AvriNeural hi-IN-MadhurNeural it-IT-DiegoNeural
ja-JP-KeitaNeural ko-KR-InJoonNeural nl-NL-MaartenNeural pl-PL-MarekNeural pt-BR-AntonioNeural
pt-PT-DuarteNeural ru-RU-DmitryNeural sv-SE-MattiasNeural tr-TR-AhmetNeural uk-UA-OstapNeural
zh-CN-YunxiNeural zh-TW-YunJheNeural zh-HK-WanLungNeural
"""
# fmt: on

VOICES = tuple(
    sorted(
        [Person(name, "female") for name in _NAMES.split()] + [Person(name, "male") for name in _MEN.split()]
    )
)
"""All are neural voices. The service has more of them, and takes any of its names."""

_FIRST = {name.rpartition("-")[0]: name for name in _NAMES.split()}  # "en-GB" → its voice
_OF_LANGUAGE: dict[str, str] = {}  # "en" → the voice of the region that is named first
for _tag, _name in _FIRST.items():
    _OF_LANGUAGE.setdefault(short(_tag), _name)
_OLD_CODES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil"}
_SCRIPTS = {"hant": "TW", "hans": "CN"}  # zh-Hant

_NAME = re.compile(r"([a-z]{2,3})-([A-Za-z]{2})((?:-[a-z]+)?)-([A-Za-z]+Neural)")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?")


def chosen(voice: str, language: str, preferred: str) -> str:
    """The name for the service of the voice that was asked for.

    `voice` is such a name, a BCP 47 tag, or empty; then `language` decides, and `preferred` speaks
    its own language and all that nobody here speaks. Raises BadRequest for any other voice.
    """
    if not voice:
        return _speaker(language, preferred) or preferred
    name = _NAME.fullmatch(voice)
    if name is not None:
        return f"{name[1]}-{name[2].upper()}{name[3]}-{name[4]}"
    of_voice = language_of_voice(voice)
    if of_voice:  # in Edge's style, and yet none that the library lets through
        return _speaker(of_voice, preferred) or preferred
    found = _speaker(voice, preferred) if _TAG.fullmatch(voice) else None
    if found is None:
        raise BadRequest("unknown voice")
    return found


def _speaker(tag: str, preferred: str) -> str | None:
    """Who speaks the language of a BCP 47 tag, in its region if that is known."""
    code, region = _read(tag)
    own_code, own_region = _read(preferred)
    in_region = _FIRST.get(f"{code}-{region}")
    if code == own_code and (in_region is None or region == own_region):
        return preferred
    return in_region or _OF_LANGUAGE.get(code)


def _read(tag: str) -> tuple[str, str]:
    """ "zh-Hant-TW" → ("zh", "TW"); a region that is not named is ""."""
    code, *rest = tag.replace("_", "-").split("-")
    code = code.lower()
    regions = [_SCRIPTS.get(part.lower(), part.upper()) for part in rest]
    return _OLD_CODES.get(code, code), next((region for region in reversed(regions) if len(region) == 2), "")
