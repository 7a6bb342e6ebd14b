"""Words in capitals: said as words or letter by letter; and what a Roman numeral stands behind."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS_OF_CAPITALS = _set(
    """
    NASA NATO UNESCO UNICEF OPEC AIDS LASER RADAR SCUBA IKEA COVID RAM ROM PIN SIM GIF JPEG PNG WIFI
    OK ASCII BIOS CAPTCHA NAFTA FIFA UEFA ESA
    """
)

STRESSED = _set(
    """
    AM AN AS AT BE BY DO GO HE HI IF IN IS ME MY NO OF OH ON OR SO TO UP WE
    ADD ALL AND ANY ARE ASK BAD BIG BUT BUY CAN CUT DAY DID END FAR FEW FOR GET GOT HAD HAS HER HIM HIS HOT
    HOW ITS LET LOT LOW MAY NEW NOT NOW OFF OLD ONE OUR OUT OWN PAY PUT RED RUN SAY SEE SET SHE SIX TEN THE
    TOO TOP TRY TWO USE WAS WAY WHO WHY WIN YES YET YOU
    """
)
"""Short words that are written in capitals for stress, and are no acronyms."""

SPELLED = _set(
    """
    US UK EU UN AI IT TV PC UI UX IO IP ID FAQ USB USA UAE ATM API IOS EUR UFO IQ EQ AC OS
    """
)

KINGS = _set(
    """
    Louis Henry Charles George Edward James William Richard Elizabeth Mary Catherine Peter Nicholas
    Alexander Paul Pius Benedict Leo John Gregory Francis Philip Frederick Napoleon Ivan Clement
    Innocent Urban Ramses Otto Albert Felipe Juan Carlos Harald Margaret Victoria Wilhelm Ludwig
    Rama Umberto Haakon
    """
)
"""Names of rulers and popes: the numeral behind one is an ordinal."""

COUNTED = _set(
    """
    chapter part volume book act scene section article title phase stage type level class mark war
    bowl rocky wars fantasy appendix figure table grade apollo windows
    """
)
"""In small letters: the numeral behind one is a number."""
