"""Payer names that look like one payer. Precision first: a pair that is missed costs a click, a
pair that is wrong moves dollars to the wrong payer.

Two names are alike when they are the same words after spelling them out ("BCBSTX", "Blue Cross and
Blue Shield of Texas"), or when one word misses a letter or has two swapped. Any other word tells
two plans apart: Medicare from Medicare Advantage, HMO from PPO, part A from part B, one state from
another, secondary from primary. Nothing here is ever applied by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations, pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

_STATES: Final = MappingProxyType(
    {
        "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca",
        "colorado": "co", "connecticut": "ct", "delaware": "de", "florida": "fl", "georgia": "ga",
        "hawaii": "hi", "idaho": "id", "illinois": "il", "indiana": "in", "iowa": "ia",
        "kansas": "ks", "kentucky": "ky", "louisiana": "la", "maine": "me", "maryland": "md",
        "massachusetts": "ma", "michigan": "mi", "minnesota": "mn", "mississippi": "ms",
        "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv", "new hampshire": "nh",
        "new jersey": "nj", "new mexico": "nm", "new york": "ny", "north carolina": "nc",
        "north dakota": "nd", "ohio": "oh", "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa",
        "puerto rico": "pr", "rhode island": "ri", "south carolina": "sc", "south dakota": "sd",
        "tennessee": "tn", "texas": "tx", "utah": "ut", "vermont": "vt", "west virginia": "wv",
        "virginia": "va", "washington dc": "dc", "district of columbia": "dc", "washington": "wa",
        "wisconsin": "wi", "wyoming": "wy",
    }
)  # fmt: skip
_CODES: Final = frozenset(_STATES.values())
# Codes that are other words too: Medicare Advantage, company, Veterans Affairs, identifier.
# They are a state after "of"; the second group also beside a name that each state has.
_NEVER_ALONE: Final = frozenset({"ma", "co", "id"})
_RARELY_ALONE: Final = frozenset({"va", "la"})
_EVERY_STATE_HAS: Final = frozenset({"bcbs", "medicaid"})

_SPELLED: Final = MappingProxyType(
    {
        "ins": "insurance",
        "hlth": "health",
        "natl": "national",
        "amer": "american",
        "assoc": "association",
        "assn": "association",
        "mut": "mutual",
        "adv": "advantage",
        "mcr": "medicare",
        "mcare": "medicare",
        "mcaid": "medicaid",
        "mcd": "medicaid",
        "fed": "federal",
        "grp": "group",
    }
)
_SAYS_NOTHING: Final = frozenset(
    "of the and inc incorporated llc corp corporation company ltd insurance".split()
)
_BEFORE_COMPANY: Final = frozenset("insurance life assurance casualty indemnity mutual".split())

# Spellings of one name, tried over the words in this order.
_PHRASES: Final = (
    (re.compile(r"\bblue ?cross(?: and)? ?blue ?shield\b"), "bcbs"),
    (re.compile(r"\bbc ?(?:and )?bs\b"), "bcbs"),
    (re.compile(r"\bunited ?health ?care\b|\buhc\b"), "uhc"),
    (re.compile(r"\bmedi cal\b"), "medi_cal"),
    (re.compile(r"\bwork(?:er|ers|man|mans|men|mens)? ?comp(?:ensation)?\b"), "workerscomp"),
    (re.compile(r"\bpart ([a-d])\b"), r"\1"),
)
_FUSED: Final = re.compile(r"\bbcbs([a-z]{2})\b")
_STATE_NAME: Final = re.compile(
    r"\b(" + "|".join(sorted(_STATES, key=lambda name: -len(name))) + r")\b"
)

# "(60054)", "[payer id: SX107]", "#60054", a number of five digits or more.
_IDS: Final = (
    re.compile(r"[(\[{]\s*(?:payer\s*)?(?:id|#)?[\s:#]*([a-z]{0,2}\d{3,})\s*[)\]}]"),
    re.compile(r"(?:\bpayer\s*id\b|\bid\b|#)[\s:#]*([a-z]*\d[a-z0-9]{2,})\b"),
    re.compile(r"\b(\d{5,})\b"),
)
_DOTTED: Final = re.compile(r"\b(?:[a-z]\.){2,}")

# Never taken for a misspelling of something else, nor something else for them.
_TELLS_APART: Final = frozenset(
    "medicare medicaid medical advantage supplement supplemental secondary primary tertiary "
    "commercial community exchange marketplace managed preferred choice select premier "
    "premium".split()
)
_LIKE: Final = 0.9
_SHORTEST: Final = 6


class Name(NamedTuple):
    """A payer name as read.

    ``words``: spelled out, without those that say nothing; ``key``: equal for names that are the
    same words; ``ids``: payer numbers written into the name.
    """

    words: tuple[str, ...]
    key: str
    ids: frozenset[str]


@lru_cache(maxsize=65536)
def read_name(text: str) -> Name:
    """Cut a payer name into words and payer numbers."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(ch for ch in bare if not unicodedata.combining(ch))
    ids: set[str] = set()
    for pattern in _IDS:
        ids |= set(pattern.findall(bare))
        bare = pattern.sub(" ", bare)
    bare = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", bare)
    bare = re.sub(r"['’`]", "", bare).replace("&", " and ").replace("+", " plus ")
    spelled = [_SPELLED.get(w, w) for w in re.findall(r"\w+", bare.replace("_", " "))]
    plain = " ".join(_without_company(spelled))
    key = tuple(_useful(_states(_phrases(plain))))
    words = tuple(_useful(_STATE_NAME.sub(_marked, plain).split()))
    return Name(words, _joined(key), frozenset(ids))


def _phrases(text: str) -> str:
    for pattern, name in _PHRASES:
        text = pattern.sub(name, text)
    return _FUSED.sub(lambda m: f"bcbs ={m[1]}" if m[1] in _CODES else m[0], text)


def _marked(found: re.Match[str]) -> str:
    return "=" + _STATES[found[1]]


def _without_company(words: list[str]) -> list[str]:
    """ "Life Ins Co": there "co" is the company, elsewhere it may be Colorado."""
    out = words[:1]
    for before, word in pairwise(words):
        out += [] if word == "co" and before in _BEFORE_COMPANY else [word]
    return out


def _states(text: str) -> list[str]:
    """Words with states as "=tx"; at the end where a name is what every state has one of."""
    words = _STATE_NAME.sub(_marked, text).split()
    everywhere = not _EVERY_STATE_HAS.isdisjoint(words)
    for at, word in enumerate(words):
        after_of = at > 0 and words[at - 1] == "of"
        edge = at in (0, len(words) - 1) and len(words) > 1
        alone = edge and word not in _NEVER_ALONE and (everywhere or word not in _RARELY_ALONE)
        if word in _CODES and (after_of or alone):
            words[at] = f"={word}"
    if everywhere:
        words.sort(key=lambda word: word.startswith("="))
    return words


def _useful(words: Iterable[str]) -> list[str]:
    words = list(words)
    return [w for w in words if w not in _SAYS_NOTHING] or words


def _joined(words: Sequence[str]) -> str:
    """Words without the spaces between them ("Health Net", "HealthNet"); short ones and numbers
    stay apart, so that "1 2" is not "12"."""
    return "".join(f"|{w}|" if len(w) < 3 or not w.isalpha() else w for w in words)


def alike(one: str, other: str) -> bool:
    """Whether two names look like one payer."""
    a, b = read_name(one), read_name(other)
    if not a.key or not b.key or (a.ids and b.ids and a.ids != b.ids):
        return False
    return a.key == b.key or _near(a.words, b.words)


def _near(one: Sequence[str], other: Sequence[str]) -> bool:
    """The same words but for one, which is a slip of the other's."""
    if len(one) != len(other):
        return False
    differ = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return len(differ) == 1 and _slip(*differ[0])


def _slip(one: str, other: str) -> bool:
    """A letter missed or doubled inside a word, or two neighbours swapped: no other word."""
    if min(len(one), len(other)) < _SHORTEST or one[0] != other[0]:
        return False
    if not (one.isalpha() and other.isalpha()) or {one, other} & _TELLS_APART:
        return False
    if one.startswith(other) or other.startswith(one):
        return False  # "American", "Americans": an ending is another word
    if len(one) == len(other):
        off = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = len(off) == 2 and off[1] == off[0] + 1
        return swapped and one[off[0]] == other[off[1]] and one[off[1]] == other[off[0]]
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > _LIKE


def gather(names: Sequence[str], refused: Collection[tuple[str, str]] = ()) -> list[list[str]]:
    """Groups of names that look like one payer.

    Args:
        names: distinct names, the one to chart under first.
        refused: pairs that a person has refused; they never stand in one group.

    Returns:
        Groups of two or more, in the order of ``names``. All names of a group are alike, each one
        with every other. A name without a payer number goes with none where two numbers fit.
    """
    never = {frozenset(pair) for pair in refused}
    unsure = _unsure(names)
    rank = {name: at for at, name in enumerate(names)}
    group = {name: [name] for name in names}
    links = sorted(_links(names), key=lambda pair: (rank[pair[0]], rank[pair[1]]))
    for one, other in links:
        left, right = group[one], group[other]
        if left is right or not unsure.isdisjoint((one, other)):
            continue
        if all(alike(a, b) and frozenset((a, b)) not in never for a in left for b in right):
            left += right
            group |= dict.fromkeys(right, left)
    found = {id(g): sorted(g, key=rank.__getitem__) for g in group.values() if len(g) > 1}
    return sorted(found.values(), key=lambda g: rank[g[0]])


def _unsure(names: Sequence[str]) -> set[str]:
    """Names without a payer number among the same names with several."""
    ids: dict[str, set[frozenset[str]]] = {}
    for name in names:
        read = read_name(name)
        ids.setdefault(read.key, set()).add(read.ids)
    return {
        name
        for name in names
        if not read_name(name).ids and len(ids[read_name(name).key] - {frozenset()}) > 1
    }


def _links(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs that are alike, each with the name that stands first in ``names`` first.

    Names are compared within small lots only: the same key, or the same words but for one.
    """
    lots: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        read = read_name(name)
        lots.setdefault((read.key,), []).append(name)
        for at, word in enumerate(read.words):
            rest = (*read.words[:at], word[0], *read.words[at + 1 :])
            lots.setdefault((at, *rest), []).append(name)
    for lot in lots.values():
        yield from (pair for pair in combinations(lot, 2) if alike(*pair))
