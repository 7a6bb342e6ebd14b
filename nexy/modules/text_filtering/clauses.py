"""Where a sentence may be parted: the ends of its clauses, else its white space. Pure."""

import re

from nexy.modules.text_filtering.quotes import WRAPPERS

COMMAS = ",;:—–"
"""End a clause when white space follows."""
WIDE = "，、；："
"""End a clause whatever follows: Chinese and Japanese."""
SPACE = re.compile(r"\s++")
SAYABLE = re.compile(r"[^\W_]")
_IDEOGRAPHS_A_WORD = 2
_CLAUSE_END = re.compile(f"(?:[{COMMAS}][{re.escape(WRAPPERS)}]*+(?=\\s)|[{WIDE}])")


def words_of_clause(said: str, *, wide: bool) -> int:
    """How many words a clause has; with `wide`, it is written without white space."""
    if wide:
        return len(SAYABLE.findall(said)) // _IDEOGRAPHS_A_WORD
    return sum(SAYABLE.search(word) is not None for word in said.split())


def best_place(text: str, start: int, limit: int) -> int:
    """Where to cut a clause that goes on past `limit`: never within a word unless it is the only one."""
    word = SAYABLE.search(text, start, limit)
    if word is None:
        return limit
    half = max(word.end(), start + (limit - start) // 2)
    clauses = [clause.end() for clause in _CLAUSE_END.finditer(text, half, limit + 1)]
    if ends := [end for end in clauses if end <= limit]:
        return ends[-1]
    if spaces := [space.start() for space in SPACE.finditer(text, word.end(), limit + 1)]:
        return spaces[-1]
    before = [space.end() for space in SPACE.finditer(text, start, word.start())]
    return before[-1] if before else limit
