"""Published definitions of collection and write-off rates, each declared once, to be set side by
side on the same ledger.

A definition is a numerator and a denominator over ``PARTS`` (what postings are), on all lines or on
some of them. The formulas are their owners'; how an export's dollars stand for their words is said
in ``caveat``. Capitation and duplicates are set aside everywhere (rules.md 13), so that the
definitions differ in what they say and in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from writeoffs import vocabulary as v
from writeoffs.measures import Measure, Weights
from writeoffs.problems import BadRequest
from writeoffs.vocabulary import Kind

# What a posting can be, and its words. Refunds are negative payments (rules.md: "net of refunds
# means negative rows, nothing else"), so that their cents are below zero.
PARTS: Final = MappingProxyType(
    {
        "billed": "charges",
        v.SET_ASIDE: "capitation and duplicates",
        "insurer_in": "insurer payments",
        "patient_in": "patient payments",
        "unsplit_in": "payments",
        "insurer_back": "refunds and takebacks",
        "patient_back": "refunds and takebacks",
        "unsplit_back": "refunds and takebacks",
        v.CONTRACTUAL: "contract write-offs",
        "law_other": "other write-offs by law",
        v.OVER_BILLED: "allowed above billed",
        "timely_filing": "write-offs for late filing",
        "avoidable_other": "other avoidable write-offs",
        v.REVIEW: "write-offs to review",
        v.UNCLASSIFIED: "write-offs without a known reason",
        v.BAD_DEBT: "bad debt",
        "charity": "charity",
        "small_balance": "small balances",
        "chosen": "courtesy and other discounts",
        "share": "deductible, coinsurance and copay",
        "at_visit": "patient payments by the day of the visit",
        "allowed": "what payers allowed",
        "expected": "what contracts should allow",
    }
)
BACK: Final = ("insurer_back", "patient_back", "unsplit_back")
_IN: Final = MappingProxyType(
    {v.INSURER_PAYMENT: "insurer", v.PATIENT_PAYMENT: "patient", v.PAYMENT: "unsplit"}
)
_BUCKETS: Final = MappingProxyType(
    {
        v.LAW: "law_other",
        v.OVER_BILLED: v.OVER_BILLED,
        v.SET_ASIDE: v.SET_ASIDE,
        v.AVOIDABLE: "avoidable_other",
        v.REVIEW: v.REVIEW,
        v.BAD_DEBT: v.BAD_DEBT,
        v.DISCRETIONARY: "chosen",
    }
)
_CATEGORIES: Final = (v.CONTRACTUAL, "timely_filing", v.UNCLASSIFIED, "charity", "small_balance")
_COVERED: Final = (v.DEDUCTIBLE, v.COINSURANCE, v.COPAY)


def part_of(kind: Kind, back: bool) -> str:
    """The part that a posting adds to; "" for none. ``back``: its amount is below zero."""
    if kind.entry in _IN:
        return _IN[kind.entry] + ("_back" if back else "_in")
    if kind.entry == v.CHARGE:
        return "billed" if kind.category == v.SERVICE else ""
    if kind.entry == v.PATIENT_SHARE:
        return "share" if kind.category in _COVERED else ""
    if kind.entry != v.WRITE_OFF or kind.bucket not in _BUCKETS:
        return ""
    own = kind.category in _CATEGORIES and (kind.category, kind.bucket) in _OWN
    return kind.category if own else _BUCKETS[kind.bucket]


# A category counts apart only in the bucket that it is known for: group OA makes late filing a
# matter to review, and there it stays.
_OWN: Final = (
    (v.CONTRACTUAL, v.LAW),
    ("timely_filing", v.AVOIDABLE),
    (v.UNCLASSIFIED, v.REVIEW),
    ("charity", v.DISCRETIONARY),
    ("small_balance", v.DISCRETIONARY),
)

ALL_LINES: Final = "all"
CLOSED: Final = "closed"
CLOSED_BILLS: Final = "closed_bill"
DECIDED: Final = "decided"
PRICED: Final = "priced"
VALUED: Final = "valued"
# The lines that a definition may keep to, in words.
LINES: Final = MappingProxyType(
    {
        ALL_LINES: "all charges",
        CLOSED: "closed charges",
        CLOSED_BILLS: "bills with nothing left on them",
        DECIDED: "charges that a payer has decided",
        PRICED: "charges that a payer has priced",
        VALUED: "charges with an expected amount",
    }
)

NET: Final = "net"
GROSS: Final = "gross"
WRITE_OFF: Final = "write_off"
PATIENT: Final = "patient"
FAMILIES: Final = MappingProxyType(
    {
        NET: "Called net collection rate",
        GROSS: "Other collection rates",
        WRITE_OFF: "Write-off rates",
        PATIENT: "The patients' side",
    }
)

EITHER: Final = "either"
SERVICE: Final = "service"  # follows services to their end; months of postings say nothing
POST: Final = "post"


@dataclass(frozen=True)
class Definition:
    """One published way to work out a rate.

    ``numerator``, ``denominator``: weights of PARTS. ``of``: a key of LINES. ``basis``: SERVICE,
    POST or EITHER, with ``frame`` in words as its source has it. ``needs``, ``needs_kinds``: as in
    ``Measure``. ``measure``: the catalogue's measure that is the very same figure, or "".
    The value is a fraction; a denominator of 0 or less gives none.
    """

    id: str
    family: str
    title: str
    words: str
    numerator: Weights
    denominator: Weights
    who: str
    caveat: str = ""
    of: str = ALL_LINES
    basis: str = EITHER
    frame: str = "any months, by date of service or of posting"
    needs: tuple[str, ...] = ("billed", "all_paid", "written_off")
    needs_kinds: bool = True
    measure: str = ""
    good: str = "neither"

    def as_measure(self) -> Measure:
        """The definition as the catalogue's kind of declaration."""
        top, _, bottom = self.words.partition(" / ")
        return Measure(
            self.id, self.title, self.words, "rate", needs=self.needs, needs_kinds=self.needs_kinds,
            good=self.good, meaning=self.caveat, source=self.who, rows="lines", top=top,
            bottom=bottom,
        )  # fmt: skip


def _sum(*names: str, less: tuple[str, ...] = ()) -> Weights:
    return MappingProxyType({**dict.fromkeys(names, 1), **dict.fromkeys(less, -1)})


_CAME_IN: Final = ("insurer_in", "patient_in", "unsplit_in")
_PAID: Final = (*_CAME_IN, *BACK)
_INSURER: Final = ("insurer_in", "insurer_back")
_LAW: Final = (v.CONTRACTUAL, "law_other", v.OVER_BILLED)
_DENIED: Final = ("timely_filing", "avoidable_other")
_UNKNOWN: Final = (v.REVIEW, v.UNCLASSIFIED)
_POLICY: Final = ("charity", "chosen")
_CHOSEN: Final = (*_POLICY, "small_balance")
_OTHER: Final = (*_DENIED, *_UNKNOWN, v.BAD_DEBT, *_CHOSEN)
_CHARGES: Final = _sum("billed", less=(v.SET_ASIDE,))


def _less(*names: str) -> Weights:
    """Charges without capitation and duplicates, less some write-offs."""
    return _sum("billed", less=(v.SET_ASIDE, *names))


_YEAR: Final = "twelve months"
_NET: Final = (
    Definition("aafp", NET, "AAFP: contract out, nothing else",
        "payments less refunds / (charges - contract or law)", _sum(*_PAID), _less(*_LAW),
        "AAFP, practice finances; eMDs, RTA CPA and Contemporary OB/GYN have the same",
        "The standard here: bad debt and every avoidable loss stay collectable.",
        frame=_YEAR, measure="net_collection_rate", good="up"),
    Definition("refunds_kept", NET, "DrChrono: refunds not taken off",
        "payments before refunds / (charges - contract or law)", _sum(*_CAME_IN), _less(*_LAW),
        "DrChrono, BI Tools: Collections Analysis",
        "DrChrono sets payments of a month against charges of that month. A payment taken back and "
        "made again counts twice.", frame="one month, by posting date"),
    Definition("all_out", NET, "AAFP's example read by its labels",
        "payments less refunds / (charges - all write-offs)", _sum(*_PAID), _less(*_LAW, *_OTHER),
        "AAFP's worked example, as medicalbag.com prints it",
        "The example labels the contractual line \"total write-offs\". Read so, every loss leaves "
        "the rate.", frame=_YEAR),
    Definition("closed_contractual", NET, "PM Help Center: closed charges only",
        "payments less refunds / (charges - contract), on closed charges", _sum(*_PAID),
        _less(v.CONTRACTUAL), "PM Help Center",
        "Contract write-offs alone (CO-45) leave; sequestration and the like stay in.",
        of=CLOSED, basis=SERVICE, frame="charges that are closed, by date of service"),
    Definition("policy_out", NET, "MedSuite: discretionary counted as contract",
        "payments less refunds / (charges - contract or law - avoidable - discounts)",
        _sum(*_PAID), _less(*_LAW, *_DENIED, *_CHOSEN), "MedSuite, adjustment type setting",
        "One box in a settings page turns losses into contract. Bad debt stays collectable."),
    Definition("mgma", NET, "MGMA: adjusted charges",
        "payments less refunds / (charges - contract or law - charity - courtesy)", _sum(*_PAID),
        _less(*_LAW, *_POLICY), "MGMA Cost and Revenue glossary: net FFS revenue / adjusted FFS "
        "charges", "Charity and courtesy come off too; bad debt stays collectable. On cash; "
        "by accruals net revenue is charges less adjustments less bad debt.",
        frame="a fiscal year"),
    Definition("streamline", NET, "StreamlineMD: denials out as well",
        "payments less refunds / (charges - contract or law - denials - charity and discounts)",
        _sum(*_PAID), _less(*_LAW, *_DENIED, *_POLICY),
        "StreamlineMD, Understanding net collection percentage (vein practices)",
        "It calls denials contractual in nature. Its \"un-billable\" is read here as charity, "
        "courtesy and discounts."),
    Definition("uncollectible_out", NET, "Whatever was not collected left out",
        "payments less refunds / (charges - contract or law - small balances - late filing - bad"
        " debt)", _sum(*_PAID), _less(*_LAW, "small_balance", "timely_filing", v.BAD_DEBT),
        "Residency Advisor, collections rate benchmarks (called out there as creative math)",
        "What is lost leaves the rate that should show the loss."),
    Definition("all_out_closed", NET, "The fake one: closed, all write-offs out",
        "payments less refunds / (charges - all write-offs), on closed charges", _sum(*_PAID),
        _less(*_LAW, *_OTHER), "Apache Health, number one fake medical billing metric",
        "It is 100 % whatever happens: what is closed was either paid or written off.",
        of=CLOSED, basis=SERVICE, frame="charges that are closed, by date of service"),
    Definition("payer_of_decided", NET, "Payers only, on what they decided",
        "insurer payments / (charges - contract or law), on decided charges", _sum(*_INSURER),
        _less(*_LAW), "healthcare-rcm-intelligence and basebattle (open source)",
        "What patients pay is missing on top and not below.", of=DECIDED, basis=SERVICE,
        frame="decided charges, by date of service",
        needs=("billed", "insurer_paid", "written_off")),
    Definition("payer_of_net", NET, "Payers only, on all charges",
        "insurer payments / (charges - contract or law)", _sum(*_INSURER), _less(*_LAW),
        "Seen in payment reports", "What patients pay is missing on top and not below.",
        needs=("billed", "insurer_paid", "written_off")),
    Definition("of_allowed", NET, "Payments of what payers allowed",
        "payments less refunds / allowed, on priced charges", _sum(*_PAID), _sum("allowed"),
        "RTA CPA 2019-04-03; Intermedix",
        "A denied line has no allowed amount: it leaves the rate, and the loss with it.",
        of=PRICED, basis=SERVICE, frame="charges that a payer priced, by date of service",
        needs=("billed", "all_paid"), needs_kinds=False),
    Definition("of_expected", NET, "Payments of what contracts should allow",
        "payments less refunds / expected allowed", _sum(*_PAID), _sum("expected"),
        "This program: by the fee schedule, else by what the payer usually allows",
        "Denied lines stay in, at what they were worth.", of=VALUED, basis=SERVICE,
        frame="charges with an expected amount, by date of service",
        needs=("billed", "all_paid"), needs_kinds=False),
)  # fmt: skip

_GROSS: Final = (
    Definition("gross", GROSS, "Gross collection rate", "payments less refunds / charges",
        _sum(*_PAID), _CHARGES, "MGMA: net FFS revenue x 100 / gross FFS charges; economicforall",
        "Driven by the price list: raise the fees and it falls.", needs=("billed", "all_paid"),
        needs_kinds=False, measure="gross_collection_rate"),
    Definition("paid_or_contract", GROSS, "MedSuite: paid or written off by contract",
        "(payments less refunds + contract or law) / charges", _sum(*_PAID, *_LAW), _CHARGES,
        "MedSuite, \"Gross Pct\"", "The share of charges that is settled as it should be."),
    Definition("va_collection", GROSS, "VA: collected of closed bills",
        "payments less refunds / charges, on bills with nothing left", _sum(*_PAID), _CHARGES,
        "US Department of Veterans Affairs, VistA RCRJRBD (file 348.1)",
        "A fixed pool: once closed, it does not move.", of=CLOSED_BILLS, basis=SERVICE,
        frame="bills of twelve months that are closed"),
    Definition("cash_of_net_revenue", GROSS, "Cash as a share of net revenue",
        "payments less refunds / (charges - contract or law - charity - discounts)", _sum(*_PAID),
        _less(*_LAW, *_CHOSEN), "HFMA MAP Key: cash collections as a percentage of net patient "
        "service revenue", "Net revenue is worked out of the export here, before bad debt; the "
        "books' own figure may differ.", frame="a month's cash, by posting date", good="up"),
)  # fmt: skip

_NO_PAY: Final = ("billed", "written_off")
_RATES: Final = (
    Definition("all_of_charges", WRITE_OFF, "All write-offs of charges",
        "all write-offs / charges", _sum(*_LAW, *_OTHER), _CHARGES,
        "calcdomain.com ($30k of $120k is 25 %)", "Mostly contract: it says little of the billing.",
        needs=_NO_PAY, needs_kinds=False, measure="write_off_rate"),
    Definition("contract_of_charges", WRITE_OFF, "By contract or law, of charges",
        "contract or law / charges", _sum(*_LAW), _CHARGES, "RBMA A/R definitions, 2022",
        "Payer mix and the price list.", needs=_NO_PAY, measure="contractual_rate"),
    Definition("other_of_charges", WRITE_OFF, "Not by contract, of charges",
        "other write-offs / charges", _sum(*_OTHER), _CHARGES, "rules of this program",
        "The same losses look smaller beside a higher price list.", needs=_NO_PAY,
        measure="non_contractual_rate", good="down"),
    Definition("other_of_net", WRITE_OFF, "Not by contract, of collectable",
        "other write-offs / (charges - contract or law)", _sum(*_OTHER), _less(*_LAW),
        "rules of this program; Prochant has the same by posting date",
        "Of what could be collected, what was given up. Preferred here.", needs=_NO_PAY,
        good="down"),
    Definition("prochant", WRITE_OFF, "Prochant: of allowable, by posting date",
        "other write-offs posted / (charges - contract or law)", _sum(*_OTHER), _less(*_LAW),
        "Prochant, blog", "Write-offs of old charges stand beside charges of now.", basis=POST,
        frame="months by posting date", needs=_NO_PAY, good="down"),
    Definition("avoidable_of_other", WRITE_OFF, "Avoidable part of what was not contract",
        "avoidable write-offs / other write-offs", _sum(*_DENIED), _sum(*_OTHER),
        "rules of this program", "A share of the losses, not their size.", needs=_NO_PAY,
        good="down"),
    Definition("avoidable_of_net", WRITE_OFF, "Avoidable, of collectable",
        "avoidable write-offs / (charges - contract or law)", _sum(*_DENIED), _less(*_LAW),
        "rules of this program", "Denied lines stand in it at billed prices.", needs=_NO_PAY,
        measure="avoidable_rate", good="down"),
    Definition("bad_debt_of_gross", WRITE_OFF, "Bad debt of gross charges",
        "bad debt / charges", _sum(v.BAD_DEBT), _CHARGES, "HFMA MAP Key: bad debt / gross patient "
        "service revenue", "Agency placements and bankruptcy count as bad debt here.",
        needs=_NO_PAY, good="down"),
    Definition("bad_debt_of_net", WRITE_OFF, "Bad debt of net charges",
        "bad debt / (charges - contract or law)", _sum(v.BAD_DEBT), _less(*_LAW),
        "HFMA, the common alternative: bad debt / net patient service revenue",
        "Always above the gross form: say which one you quote.", needs=_NO_PAY, good="down"),
    Definition("charity_of_gross", WRITE_OFF, "Charity of gross charges",
        "charity / charges", _sum("charity"), _CHARGES,
        "HFMA MAP Key: charity care / gross patient service revenue",
        "Courtesy and prompt-pay discounts are not charity.", needs=_NO_PAY),
    Definition("denials_of_net_revenue", WRITE_OFF, "Denials written off, of net revenue",
        "avoidable write-offs / (charges - contract or law - charity - discounts)",
        _sum(*_DENIED), _less(*_LAW, *_CHOSEN),
        "HFMA AR-6: denial write-offs / net patient service revenue",
        "What nobody can place without looking (bundling, no reason) is left out.", needs=_NO_PAY,
        good="down"),
    Definition("va_write_off", WRITE_OFF, "VA: written off on closed bills",
        "other write-offs / charges, on bills with nothing left", _sum(*_OTHER), _CHARGES,
        "US Department of Veterans Affairs, VistA RCRJRBD (file 348.1)", of=CLOSED_BILLS,
        basis=SERVICE, frame="bills of twelve months that are closed", good="down"),
    Definition("va_contract", WRITE_OFF, "VA: contract on closed bills",
        "contract or law / charges, on bills with nothing left", _sum(*_LAW), _CHARGES,
        "US Department of Veterans Affairs, VistA RCRJRBD (file 348.1)", of=CLOSED_BILLS,
        basis=SERVICE, frame="bills of twelve months that are closed"),
    Definition("va_pending", WRITE_OFF, "VA: pending on closed bills",
        "(charges - payments - all write-offs) / charges, on bills with nothing left",
        _sum("billed", less=(v.SET_ASIDE, *_PAID, *_LAW, *_OTHER)), _CHARGES,
        "US Department of Veterans Affairs, VistA RCRJRBD (file 348.1)",
        "100 % less the other three. Not zero only where a bill holds fees or other adjustments.",
        of=CLOSED_BILLS, basis=SERVICE, frame="bills of twelve months that are closed"),
)  # fmt: skip

_PATIENTS: Final = (
    Definition("patient_share_of_allowed", PATIENT, "Patients' part of what payers allowed",
        "deductible, coinsurance and copay / allowed, on priced charges", _sum("share"),
        _sum("allowed"), "AMA National Health Insurer Report Card, sixth edition",
        "Services that a plan does not cover have no allowed amount and stay out.", of=PRICED,
        basis=SERVICE, frame="charges that a payer priced, by date of service",
        needs=("billed", "insurer_paid", "patient_responsibility"), needs_kinds=False),
    Definition("at_visit_of_patient_cash", PATIENT, "Taken by the day of the visit",
        "patient payments on or before the day of service / patient payments", _sum("at_visit"),
        _sum("patient_in"), "HFMA MAP Key: point-of-service payments / total patient cash",
        "Before refunds on both sides. Others divide by what was due at the visit, which an export "
        "does not hold.", needs=("patient_paid",), needs_kinds=False, good="up"),
)  # fmt: skip

ALL: Final = MappingProxyType({d.id: d for d in (*_NET, *_GROSS, *_RATES, *_PATIENTS)})
# What each family is compared with.
STANDARD: Final = MappingProxyType(
    {NET: "aafp", GROSS: "aafp", WRITE_OFF: "other_of_net", PATIENT: ""}
)

# For the catalogue: those that are figures of their own, and not a variant to be compared.
DECLARED: Final = tuple(
    ALL[name].as_measure()
    for name in (
        "bad_debt_of_gross",
        "bad_debt_of_net",
        "charity_of_gross",
        "denials_of_net_revenue",
        "cash_of_net_revenue",
        "patient_share_of_allowed",
        "at_visit_of_patient_cash",
    )
)


def definition(name: str) -> Definition:
    """A definition by its id.

    Raises:
        BadRequest: no such definition; the message lists those there are.
    """
    if name not in ALL:
        raise BadRequest(f"no definition {name!r}\n\nHint: one of {', '.join(ALL)}")
    return ALL[name]
