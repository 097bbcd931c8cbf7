"""How certificates are found by words: in Chinese, and by how Chinese is spelt."""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

PAIR, TRIPLE, MAX_GRAMS = 2, 3, 2000
RUN = re.compile(r"[a-z0-9]+|[^a-z0-9\s]+")


def plain(words: str) -> str:
    """Bring text into the form in which it is searched: NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def with_pinyin(words: str) -> str:
    """Add to each word how it is spelt, whole and by initials: `丝苗米 simiaomi smm`."""
    text = plain(words)
    spelt = [
        plain("".join(lazy_pinyin(word, style=style)))
        for word in text.split()
        for style in (Style.NORMAL, Style.FIRST_LETTER)
    ]
    return " ".join([text, *spelt])


def grams_of(words: str) -> list[str]:
    """Give what the index holds: characters and pairs of Chinese, triples of letters and digits.

    The first one and two letters of a run, behind `^`, serve searches as short as that.
    """
    found: set[str] = set()
    for run in RUN.findall(plain(words)):
        if run.isascii():
            found |= {run[i : i + TRIPLE] for i in range(len(run) - PAIR)}
            found |= {f"^{run[:length]}" for length in (1, PAIR)}
        else:
            found |= {*run, *(run[i : i + PAIR] for i in range(len(run) - 1))}
    return sorted(found)[:MAX_GRAMS]


def asked_grams(words: str) -> list[str]:
    """Give what a search asks of the index: no single character where a pair tells more."""
    found: set[str] = set()
    for run in RUN.findall(plain(words)):
        grams = grams_of(run)
        whole = len(run) < TRIPLE
        if run.isascii():
            found |= {f"^{run}"} if whole else {one for one in grams if one[0] != "^"}
        else:
            found |= {one for one in grams if len(one) == min(len(run), PAIR)}
    return sorted(found)
