"""Kinds of lines: blank ones, fences, blocks such as list items, and the rules of tables."""

import re

LINE = re.compile(
    r"""
    (?P<blank> (?:[^\S\n]*+\n)++ )
  | [^\S\n]*+ (?:
      (?P<fence> `{3,12}+ | ~{3,12}+ )
    | (?P<block> (?: [-*+•–—] | \d{1,3}[.)] | [a-z]\) | \#{1,6}+ ) \s | [>|] )
    | (?P<unknown> (?: [-*+•–—] | \d{1,3}[.)]? | [a-z]\)? | \#{1,6}+ | `{1,2} | ~{1,2} )? \Z )
    )
    """,
    re.VERBOSE,
)
"""A line from its beginning, if it is of a kind. "unknown": it is too short to tell."""
TABLE_RULE = re.compile(r"[^\S\n]{0,8}+(?:\|[^\S\n]{0,8}+:?+)?+(?P<more>\Z)|[^\S\n]{0,8}+\|[^\S\n]{0,8}+:?+-")
"""What stands under the headings of a table. "more": it is too short to tell."""
LINE_SIGNS = 16  # characters from which the kind of a line is known
