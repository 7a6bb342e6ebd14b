"""The grammar of what a language model writes: words, numbers, addresses and Markdown, as tokens.

Read from left to right, each place once. Quantifiers are possessive or bounded and look-aheads stop at
the next sign of their kind, so that no text can make it crawl.
"""

import re

_GROUP = r"[ \u00a0\u202f]"  # between thousands
_NUMBER = rf"(?:\d{{1,3}}(?:{_GROUP}\d{{3}}(?!\d))++|\d++)(?:[.,]\d++)*+"
_PLAIN_NUMBER = r"\d++(?:[.,]\d++)*+"
_SCALE = (
    r"(?:thousand|million|billion|trillion"
    r"|тысяч[аи]?|миллион(?:а|ов)?|миллиард(?:а|ов)?|(?:тыс|млн|млрд|трлн)\.?)"
)
_UNIT = r"(?:[%$€£₽℃℉]|°(?:\s?[CFС](?!\w))?)"  # the last С is Cyrillic
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

TOKEN = re.compile(
    rf"""
    # White space, with the marks of headings, list items and quotations where a line begins.
    ((?: \A(?:{_LINE_MARK})++ )?+ (?: [^\S\n]++ | \n(?:{_LINE_MARK})*+ )*+ )
    (?:
      (?P<ideograph> [\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff] )
    | (?P<word>      [^\W\d_]++ (?:['’ʼ‐‑-][^\W\d_]++)*+ (?![\w@]|[.:/][\w/]) )
    | (?P<fence>     (?P<ticks>`{{3}}|~{{3}}) (?s:.*?) (?:(?P=ticks)|\Z) )
    | (?P<url>       <?(?i:https?://|ftp://|wss?://|www\.) (?=\w) {_URL_SIGN}* {_URL_END} >? )
    | (?P<email>     <?[\w.+-]{{1,64}}@(?:[\w-]{{1,63}}\.){{1,8}}[^\W\d_]{{2,24}} >? )
    | (?P<page>      (?<![\w/.@-]) {_SITE} / (?:{_URL_SIGN}* {_URL_END})? )
    | (?P<money>     (?P<currency>[$€£₽]) \s? (?P<price>{_NUMBER}) (?:\s(?P<price_scale>{_SCALE}))? (?!\w) )
    | (?P<amount>    (?P<count>{_NUMBER}) \s? (?:(?P<count_scale>{_SCALE})\s)? (?P<unit>{_UNIT}) (?!-?\w) )
    | (?P<number>    {_PLAIN_NUMBER} )
    | (?P<other>     [^\W_]++ (?:_++[^\W_]++)*+ )
    | (?P<link>      !?\[(?=[^\[\]\n]*+\]\()
                   | \]\( [^()\s]*+ (?:\([^()\s]*+\)[^()\s]*+)?+ (?:\ "[^"\n]*+")?+ \) )
    | (?P<gap>       \|(?:[^\S\n]*+:?-++:?[^\S\n]*+\|)*+ | -{{3,}}+ | ={{3,}}+ | _{{3,}}+
                   | </?(?i:br|hr|p|b|i|u|em|strong|sub|sup|ul|ol|li|div|span)\s?/?>
                   | [{_EMOJI}][{_EMOJI}{_EMOJI_PARTS}]*+
                   | \Z )  # so that marks before it are not read again from each place
    | (?P<operator>  [+*×·÷=−-] (?=\s*+[-−+(]?[$€£₽]?\d) )
    | (?P<mark>      \*{{2,}}+ | \*(?=\S) | (?<=\S)\* | ~~ | `++ | _++ | \\(?=[^\w\s]) | [{_UNSEEN}] )
    | (?P<sign>      \S )
    )
    """,
    re.VERBOSE,
)
