"""The methods behind what is said to be sure or unsure, in plain words, with who published them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Told(NamedTuple):
    """One method: where it is met, what it does, and its source."""

    title: str
    words: str
    source: str


TOLD: Final = (
    Told(
        "Young months, projected",
        "Each service month is followed month by month, on the as-of date's own day. What still"
        " comes is read off older months: as a share of what was billed (additive method), or as"
        " growth of what is there (chain ladder), over all months or the last six. Numerator and"
        " denominator are projected apart, for twelve months at most; nothing is assumed to come"
        " later.",
        "Mack, ASTIN Bulletin 23 (1993); Schmidt and Zocher, Variance 2 (2008)",
    ),
    Told(
        "Interval of a projection",
        "Four of five projections should end inside. The errors of numerator and denominator are"
        " taken together; where the held months fell outside more often, the interval is widened"
        " until four of five lie inside. A rate that may be off by 25 points is not projected.",
        "Mack (1993); Braun, ASTIN Bulletin 34 (2004); Papadopoulos et al. (2002)",
    ),
    Told(
        "Test on held months",
        "The last one to six months are hidden, the months that were young then are projected, and"
        " what came is compared: the average miss, and whether it leans high or low. The method"
        " whose intervals did best is used.",
        "Gneiting and Raftery, JASA 102 (2007)",
    ),
    Told(
        "Not enough history",
        "Nine service months are needed before anything is projected.",
        "rules of this program",
    ),
    Told(
        "Small payers in a projection",
        "A payer's own pattern counts with the square root of its claims over 1,082; the rest is"
        " the whole practice's pattern.",
        "Longley-Cook (1962), limited-fluctuation credibility",
    ),
    Told(
        "Interval of a payer's rate",
        "Rates are ratios of dollars over claims; 95 of 100 intervals should hold the true rate"
        " (88 at 20 claims). Below 20 claims none is given.",
        "Wilson, JASA 22 (1927); Kott and Carr (1997); Cochran, Sampling Techniques (1977)",
    ),
    Told(
        "What chance explains",
        "A payer is named only when its rate lies more than three standard errors from the"
        " practice's, where the errors come from the practice's own claims, widened for months that"
        " vary more than that.",
        "Shewhart (1931); Laney, Quality Engineering 14 (2002)",
    ),
    Told(
        "Rate leaning on the practice",
        "Best guess of a payer's lasting rate: the less is known of it, the closer it is drawn to"
        " the average of all payers.",
        "DerSimonian and Laird (1986); Morris, JASA 78 (1983)",
    ),
)
