"""The grammar of what a language model writes: words, numbers, addresses and Markdown, as tokens.

Read from left to right, each place once. Quantifiers are possessive or bounded and look-aheads stop at
the next sign of their kind, so that no text can make it crawl.
"""

import re

from nexy.modules.text_filtering.units import CURRENCIES, SCALE, UNIT

_GROUP = r"[ \u00a0\u202f]"  # between thousands
_NUMBER = rf"(?:\d{{1,3}}(?:{_GROUP}\d{{3}}(?!\d))++|\d++)(?:[.,]\d++)*+"
_URL_SIGN = r"[^\s<>\[\]\"“”«»`|]"
_URL_END = r"[^\s<>\[\]\"“”«»`|.,;:!?)*_'’…]"
_SITE = (
    r"(?:[\w-]{1,63}\.){1,8}"
    r"(?i:com|org|net|edu|gov|int|info|io|ai|dev|app|co|me|tv|eu|uk|us|ca|de|fr|es|it|nl|pl|jp|cn|in|br|ru|su|by|kz|ua|рф)"
)
_LINE_MARK = r"[^\S\n]*+(?:\#{1,6}+(?=\s)|[-*+•‣◦▪–—](?=[^\S\n])|>|\[[\ xX]\](?=\s))"
_EMOJI = r"\U0001f000-\U0001faff\u231a\u231b\u23e9-\u23ff\u2600-\u27bf\u2b00-\u2bff"
_EMOJI_PARTS = r"\ufe0f\u20e3\u200d\U000e0020-\U000e007f"
_UNSEEN = r"\x00-\x08\x0e-\x1b\x7f\u00ad\u200b\u2060\ufe0f\u20e3\ufeff\ud800-\udfff"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_MONTH_RU = r"(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
_YEAR_RU = r"(?:\s?(?:года|гг?\.))"
_UNIT_RU = (
    r"(?:ст|ч)\.\s?л\.|л\.\s?с\.|мА·?ч|мм\s?рт\.\s?ст\.|мес\.|нед\.|сут\.|дн\.|га|км/с|об/мин|уд/мин"
    r"|с(?=[.,;)]|\s*+\Z)"
)
_PRICED_RU = r"(?:₽|руб\.?|р\.?)/(?:кг|г|л|шт|м[²³2]|чел|мес|нед|день|сутки|час|ч|мин)\.?"
_UNIT = rf"{_PRICED_RU}|{_UNIT_RU}|{UNIT}"
_ISO_TIME = r"(?:T[0-2]\d:[0-5]\d(?::[0-5]\d)?+(?:Z|[+-]\d\d:?\d\d)?+)?+"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_PER = (
    r"(?:month|mo|year|yr|week|wk|day|hour|hr|minute|min|second|sec|person|night|user|kg|lb|km|mile|GB|piece)"
)
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_LETTER = rf"[^\W\d_{_FRACTIONS}²³¹]"
_ABBREVIATION = (
    r"(?:[тТ]\.\s?[едкнпчо]\.|(?:ст|ч)\.\s?л\.|н\.\s?э\.|[eE]\.g\.|[iI]\.e\.|Ph\.D\.|[a-zA-Z]\.[a-zA-Z]\."
    r"|[^\W\d_]{1,7}\.)"
)

_HALF = r"\s?[apAP]\.?[mM](?:\.(?!\w)|\b)"
_DOLLARS_OF = "(?:US|CA|AU|NZ|HK|A|C|S)"
_RAISED = "⁰¹²³⁴-⁹"

TOKEN = re.compile(
    rf"""
    # White space, with the marks of headings, list items and quotations where a line begins.
    ((?: \A(?:{_LINE_MARK})++ )?+ (?: [^\S\n]++ | \n(?:{_LINE_MARK})*+ )*+ )
    (?:
      (?P<days>      (?=[MTWFS]) {_DAY}[–-]{_DAY} (?!\w) )
    | (?P<weekday>   (?=[MTWFS]) (?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)
                     (?:\.?+(?=,?\s(?:{_MONTH}\.?\s\d|\d\d?(?::\d\d|\s?[apAP]\.?[mM]\b|[–-]\d)))
                     |(?=\s*+(?:\||\Z))) )
    | (?P<lone>      (?<=\()(?:[{CURRENCIES}%]|°[CF]|k?m²|kWh|km/h|mph|kg|GB|MB|km|cm|mm|ml|lbs?|oz)(?=\))
                   | (?<=[|(])%(?=[\s|)]|\Z) | (?<=\|\ )[%\#](?=[\s|)]|\Z) )
    | (?P<ideograph> [\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff] )
    | (?P<daysof>    (?=[JFMASOND]) {_MONTH}\.?\s\d{{1,2}}\s?[–-]\s?\d{{1,2}}(?:,?\s\d{{4}})?
                     (?![\w:%]|[.,]\d) )
    | (?P<worded>    (?=[JFMASOND]) {_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?(?![\w:%]|[.,]\d)
                   | (?=[JFMASOND]) {_MONTH}\.?\s(?:19|20)\d\d(?![\w:%–-]|[.,]\d) )
    | (?P<word>      {_LETTER}++ (?:['’ʼ‐‑-]{_LETTER}++)*+ (?!(?![²³])[\w@]|[.:/][\w/]|\.|\$\d) )
    | (?P<abbr>      {_ABBREVIATION} (?![\w@/]) )
    | (?P<stopped>   {_LETTER}++ (?:['’ʼ‐‑-]{_LETTER}++)*+ (?!(?![²³])[\w@]|[.:/][\w/]|\$\d) )
    | (?P<crumb>     (?<=[\w*]\s)>(?=\s\*{{0,2}}[A-Z][a-z]) )
    | (?P<maths>     [≤≥≠≈±√∞π²³→^§] | ~(?=[{CURRENCIES}]?\d) | /(?P<per>{_PER})s?\b | [<>](?=\s*+\d)
                   | (?:(?<=[ap]m)|(?<=\.m\.))[–-](?=\d) )
    | (?P<fence>     (?P<ticks>`{{3}}|~{{3}}) (?s:.*?) (?:(?P=ticks)|\Z) )
    | (?P<inline>    `[^`\n]{{1,80}}+` )
    | (?P<url>       <?(?i:https?://|ftp://|wss?://|www\.) (?=\w) {_URL_SIGN}* {_URL_END} >? )
    | (?P<email>     <?[\w.+-]{{1,64}}@(?:[\w-]{{1,63}}\.){{1,8}}[^\W\d_]{{2,24}} >? )
    | (?P<page>      (?<![\w/.@-]) {_SITE} / (?:{_URL_SIGN}* {_URL_END})? )
    | (?P<site>      (?<![\w/.@-]) {_SITE} (?![\w@/-]) )
    | (?P<hours>     \d\d?(?::[0-5]\d)?+ (?:{_HALF})?\s?[–—-]\s?\d\d?(?::[0-5]\d)?+ {_HALF}
                   | \d\d?:[0-5]\d\s?[–—-]\s?\d\d?:[0-5]\d (?!\w|[:–—-]\d) )
    | (?P<date>      (?:0[1-9]/(?:0[1-9]|[12]\d|3[01])(?!/)
                     | \d{{4}}-\d\d-\d\d {_ISO_TIME} | \d\d?\.\d\d?\.\d{{4}} | \d\d?/\d\d?/\d{{4}})
                     {_YEAR_RU}? (?![\w-]|[.,/]\d) )
    | (?P<dayfirst>  \d\d?\s (?:{_MONTH_RU}(?:\s\d{{4}}{_YEAR_RU}?)? | {_MONTH}\.?(?:,?\s\d{{4}})?) (?![\w]) )
    | (?P<clock>     \d\d?:[0-5]\d(?::[0-5]\d)?+ (?:{_HALF})? (?!\w|:\d|[.,]\d)
                   | \d\d?\s?(?:[ap]\.m\.|[apAP][mM]\b) )
    | (?P<ratio>     \d{{1,4}}:\d{{1,4}}(?:\.\d{{1,4}})?+ (?![\w:]|[.,]\d) )
    | (?P<duration>  \d++\s?h\s?\d++\s?m(?:in)?\b | \d\d?h[0-5]\d\b )
    | (?P<phone>     \+\d[\d\ ()\u00a0-]{{7,18}}\d(?!\d) | (?:1[ -])?\(\d{{3}}\)\s?\d{{3}}-\d{{4}}(?!\d)
                   | (?<![\d.])\d{{3}}\.\d{{3}}\.\d{{4}}(?![\d.]\d)
                   | (?<![\d-])(?:8[ -]?)?\(\d{{3,5}}\)\s?\d{{1,3}}-\d\d-\d\d(?![\d-])
                   | (?<![\d-])(?:8[ -]?\d{{3}}[ -]?\d{{3}}[ -]\d\d[ -]\d\d|\d{{3}}-\d\d-\d\d)(?![\d-])
                   | (?<![\d-])(?:(?:1-)?\d{{3}}-)?\d{{3}}-\d{{4}}(?![\d-]) )
    | (?P<rating>    \d{{1,2}}\.\d{{1,2}}/(?:5|10|100)(?![\w/]|[.,]\d) )
    | (?P<part>      (?:(?:(?P<whole>\d{{1,4}})\s?)? [{_FRACTIONS}]
                     |(?<![\d/.,])(?:\d{{1,3}}\s)?[1-9]\d{{0,2}}/[1-9]\d{{0,2}}(?![\w/]|[.,]\d))
                     (?:[\s-]?(?!ч\.)(?P<part_unit>{UNIT})(?!-?\w))? )
    | (?P<prices>    (?=[{CURRENCIES}]) (?P<in_all>[{CURRENCIES}]) (?P<low>{_NUMBER}) \s?[–-]\s?
                     [{CURRENCIES}]?+ (?P<high>{_NUMBER}) (?!\w) )
    | (?P<money>     (?=[{CURRENCIES}ACHNSU]) (?P<currency>[{CURRENCIES}]|{_DOLLARS_OF}\$)
                     \s? (?P<price>{_NUMBER})
                     (?:\s(?P<price_scale>{SCALE})|(?P<price_letter>k|K|m|M|bn|B|T))? (?!\w) )
    | (?P<size>      (?!0[xX]) {_NUMBER}(?:\s?[xX×]\s?{_NUMBER}){{1,3}}
                     (?:[\s-]?(?P<size_unit>inch(?:es)?|{_UNIT}))? (?!-?\w) )
    | (?P<power>     (?P<base>{_NUMBER}) (?P<raised>⁻?[{_RAISED}]{{1,3}})
                     (?:\s(?P<raised_unit>{_UNIT}))? (?!-?\w) )
    | (?P<inches>    {_NUMBER}["″](?=[\s,.;:!?)]|\Z) )
    | (?P<span>      (?P<first>{_NUMBER}) (?:\s?(?P<first_unit>%|°C|°F|km|kg))?+ \s?[–—-]\s?
                     (?P<last>{_NUMBER})
                     (?:\s?(?P<span_unit>{_UNIT}))? (?!\w|[–—-]\d|[.,]\d) )
    | (?P<named>     \d{{3,4}}{_YEAR_RU}(?!\w) | \d{{1,2}}\s?гг?\.(?=\s(?:до\s)?н\.\s?э)
                   | \d{{2,4}}(?:s|-[ехм]|-го|-му)(?!\w) )
    | (?P<feet>      \d'\d\d?(?:"|″|'') | \d{{1,2}}\s?ft\.?\s\d{{1,2}}\s?in\b )
    | (?P<times>     {_NUMBER}x (?=\s[a-z]{{2}}|[.,;!?]|\Z) )
    | (?P<big>       (?P<big_count>{_NUMBER}) (?P<big_scale>k|M|bn) (?=\s[a-z]|[.,;!?)]|\Z) )
    | (?P<ordinal>   \d{{1,4}}(?:st|nd|rd|th|-?(?:й|го|му|м|я|е|х|ой|ая|ую|ю|ые|ый|ых|ти|ми))(?!\w) )
    | (?P<amount>    (?<![\^_]) (?P<count>{_NUMBER}) (?:\s|-(?=[a-zA-Z]{{2}}))?
                     (?:(?P<count_scale>{SCALE})\s?)?
                     (?P<unit>{_UNIT}|(?<=\d\d\d)[CF](?=[\s.,;:)]|\Z)|in\.(?=\s[a-z])) (?!-?\w) )
    | (?P<scaled>    (?P<scaled_count>{_NUMBER}) \s (?P<scale>(?:тыс|млн|млрд|трлн)\.?) (?!\w) )
    | (?P<dotted>    (?:\d++(?:\.\d++){{2,}}+(?::\d{{2,5}})?|v\d++(?:\.\d++)++) (?!\w) )
    | (?P<number>    {_NUMBER} (?!\w) )
    | (?P<tag>       [\#@№](?=\w)\w++ | №\s\d++ )
    | (?P<other>     [^\W_]++ (?:_++[^\W_]++)*+ )
    | (?P<link>      !?\[(?=[^\[\]\n]*+\]\() )
    | (?P<target>    \]\( (?P<address>[^()\s]*+ (?:\([^()\s]*+\)[^()\s]*+)?+) (?:\ "[^"\n]*+")?+ \) )
    | (?P<gap>       \|(?:[^\S\n]*+:?-++:?[^\S\n]*+\|)*+ | -{{3,}}+ | ={{3,}}+ | _{{3,}}+
                   | </?(?i:br|hr|p|b|i|u|em|strong|sub|sup|ul|ol|li|div|span|code|pre|table|tr|td|th)\s?/?>
                   | \[\^[^\]\s]{{1,20}}+\]:?+
                   | \Z )  # so that marks before it are not read again from each place
    | (?P<emoji>     [{_EMOJI}\U0001f1e6-\U0001f1ff][{_EMOJI}{_EMOJI_PARTS}\U0001f1e6-\U0001f1ff]*+ )
    | (?P<entity>    &(?:amp|lt|gt|quot|nbsp|apos|ndash|mdash|\#39); )
    | (?P<tex>       \\\(|\\\)|\\\[|\\\]|\$\$
                   | \\frac\{{[^{{}}\n]{{1,20}}+\}}\{{[^{{}}\n]{{1,20}}+\}}
                   | \\(?:sqrt|times|cdot|leq?|geq?|neq?|approx|pm|pi|infty|div)\b )
    | (?P<operator>  [+*×·÷=/−-] (?=\s*+[-−+(]?[$€£₽]?\d) )
    | (?P<ampersand> &(?=\s) | (?<=\w)&(?=\w) )
    | (?P<mark>      \$(?=[A-Za-z\\]) | (?<=[\w)}}])\$(?!\w)
                   | \*{{2,}}+ | \*(?=\S) | (?<=\S)\* | ~~ | `++ | _++ | \\(?=[^\w\s]) | [{_UNSEEN}™®©] )
    | (?P<sign>      \S )
    )
    """,
    re.VERBOSE,
)
