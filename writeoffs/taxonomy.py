"""Reason -> what the dollars are: category, bucket, party, and sometimes another entry altogether.

An adjustment is not yet a write-off. The group (CO, PR, OA, PI) says who carries it, the code or
label says why, and a few reasons are not write-offs at all: patient shares, transfers, refunds,
fees, offsets for another payer's money, lines still pending (rules.md 7, "Money that is no
write-off", 13). Unknown reasons stay openly unclassified; nothing unknown becomes contractual.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from writeoffs import reference
from writeoffs import vocabulary as v
from writeoffs.vocabulary import Kind

_LAW: Final = frozenset({"contractual", "sequestration", "withhold", "regulatory"})
_SET_ASIDE: Final = frozenset({"capitation", "duplicate"})
_BAD_DEBT: Final = frozenset({"bad_debt", "collection_agency", "bankruptcy"})
_PATIENT_CHOICE: Final = frozenset(
    {
        "charity",
        "small_balance",
        "self_pay_discount",
        "prompt_pay_discount",
        "professional_courtesy",
        "courtesy_discount",
        "discount_unspecified",
    }
)
_NO_WRITE_OFF: Final = frozenset(
    {"informational", "incentive", "institutional", "pharmacy", "payer_fee"}
)
_SHARES: Final = {
    "patient_deductible": v.DEDUCTIBLE,
    "patient_coinsurance": v.COINSURANCE,
    "patient_copay": v.COPAY,
    "patient_other": v.PATIENT_OTHER,
}
_PAID_ELSEWHERE: Final = "paid_elsewhere"
_FORWARDED: Final = "cob_other_payer"
PENDING: Final = "pending"
NEXT_PAYER: Final = "next_payer"
PRIOR_PAYER: Final = "prior_payer_impact"
OTHER_PAYER: Final = "other_payer"
# What moves no balance, and whom it speaks of.
_MEMOS: Final = {"transfer": v.PATIENT, PENDING: v.PAYER, PRIOR_PAYER: v.PAYER}

_CODE = re.compile(
    r"^[(\[]?(?:(?:carc|denial|denied|(?:adj\w*\s+)?(?:reason\s*)?code|reason|#)[\s:#\-]*)?"
    r"(?:(CO|PR|OA|PI|CR)[\s\-_*:/.]{0,3})?([A-Z]{0,2}\d{1,3}|[A-Z]\d)(?:\.0)?[)\]]?"
    r"(?!\s*(?:%|percent|pct|days?\b))(?:\s*[-:–—|,;(].*|\s+[A-Za-z(].*)?$",
    re.IGNORECASE,
)
# "Ins1 coins: 10.00": a label and the amount that its text ends in.
_NOTE = re.compile(
    r"^(?P<label>.*[A-Za-z'].*?)[\s:=]*?(?P<amount>(?<![\w.,])[-(]?\$?[\d.,]*\d[.,]\d\d\)?-?)$"
)
_GROUP_ONLY = re.compile(r"^(CO|PR|OA|PI|CR)$", re.IGNORECASE)
_GROUP_WORDS: Final = {
    "contractual obligation": "CO",
    "contractual obligations": "CO",
    "patient responsibility": "PR",
    "other adjustment": "OA",
    "other adjustments": "OA",
    "payer initiated": "PI",
    "payer initiated reduction": "PI",
    "payer initiated reductions": "PI",
    "correction": "CR",
}


class Reason(NamedTuple):
    """A reason as read: ``group`` (CO, ... or ""), ``code`` (CARC or ""), ``label`` (text)."""

    group: str
    code: str
    label: str


def split_note(text: str) -> tuple[str, str]:
    """A label and the amount that its text ends in: "Ins1 coins: 10.00" -> Ins1 coins, 10.00.

    Returns:
        The text itself and "" where it ends in no amount with cents.
    """
    bare = " ".join(text.split())
    found = _NOTE.match(bare)
    return (found["label"].rstrip(" :=-"), found["amount"]) if found else (bare, "")


def read_reason(text: str, group: str = "") -> Reason:
    """Split "CO-45", "CO45", "45", "PR 1 - deductible" or free text into group, code, label.

    The amount that a label may end in is no part of it.
    """
    bare = split_note(text)[0]
    stated = read_group(group)
    found = _CODE.match(bare)
    if found:
        code = found[2].upper().lstrip("0") or "0"
        if code in reference.carc():
            return Reason((found[1] or stated).upper(), code, bare)
    if _GROUP_ONLY.match(bare):
        return Reason(bare.upper(), "", bare)
    return Reason(stated, "", bare)


def read_group(text: str) -> str:
    """A claim adjustment group from its letters or its words; "" when it is none."""
    bare = " ".join(text.split())
    if _GROUP_ONLY.match(bare):
        return bare.upper()
    return _GROUP_WORDS.get(bare.lower(), "")


@lru_cache(maxsize=65536)
def classify(text: str, group: str = "") -> Kind:
    """What an adjustment with this reason is.

    Args:
        text: reason code or label as exported; "" when none was given.
        group: the adjustment group where the file has it apart.

    Returns:
        A ``Kind``: usually a write-off with category, bucket and party; a patient share for group
        PR and for shares by name; a transfer, a negative payment, a debit or an offset where the
        reason names one. A reason that nobody knows comes back as unclassified, under review.
    """
    reason = read_reason(text, group)
    if reason.code:
        return _by_code(reason)
    return _by_label(reason)


def _by_code(reason: Reason) -> Kind:
    row = reference.carc()[reason.code]
    return _kind(row["category"], row["preventability"], reason, reason.code)


def _by_label(reason: Reason) -> Kind:
    spelled = _spelled(reason.label)
    plain_words = spelled.replace("-", " ")
    for row in reference.labels():
        found = re.search(row["match_hint"], spelled) or re.search(row["match_hint"], plain_words)
        if not found:
            continue
        if row["category"] == "use_carc_map":
            code = found[1].upper()
            if code in reference.carc():
                return _by_code(Reason(reason.group, code, reason.label))
            continue
        return _kind(row["category"], row["preventability"], reason, "")
    if reason.group == "PR":
        return _share(v.PATIENT_OTHER, reason)
    return write_off(v.UNCLASSIFIED, v.REVIEW, reason.label, reason.group)


def _spelled(label: str) -> str:
    """A label in plain words: "timely_filing", "TimelyFiling" -> "timely filing"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_+", " ", label).lower()


def _kind(category: str, preventability: str, reason: Reason, code: str) -> Kind:
    """The exceptions that hold in any group, then the group, then the category's bucket."""
    shown, group = reason.label, reason.group
    exception = _in_any_group(category, preventability, reason, code)
    if exception is not None:
        return exception
    if group == "PR":
        return _share(_SHARES.get(category, v.PATIENT_OTHER), reason)
    if category in _SHARES:
        if group in ("CO", "PI"):
            return write_off("cost_share_waived", v.REVIEW, shown, group)
        return _share(_SHARES[category], reason)
    if code == "45" and group == "PI":
        return write_off(v.UNCLASSIFIED, v.REVIEW, shown, group)
    other = _no_write_off(category, reason, code)
    return other or write_off(category, bucket_of(category, preventability, group), shown, group)


def _in_any_group(category: str, preventability: str, reason: Reason, code: str) -> Kind | None:
    """Offsets, pending lines, money to another payer or to the patient, duplicates (rules.md 7)."""
    shown, group = reason.label, reason.group
    if category in (PRIOR_PAYER, PENDING):
        return Kind(v.TRANSFER, category, "", v.PAYER, shown, group)
    if category == _FORWARDED and preventability == "not_a_writeoff":
        return Kind(v.TRANSFER, NEXT_PAYER, "", v.PAYER, shown, group)
    if category == _PAID_ELSEWHERE:
        return Kind(v.PATIENT_SHARE, v.PAID_TO_PATIENT, "", v.PATIENT, shown, group)
    if code == "225":
        return Kind(v.PROVIDER_ADJUSTMENT, "interest", "", v.PAYER, shown, group)
    if code in ("18", "94"):
        return write_off(category, bucket_of(category, preventability, group), shown, group)
    return None


def _no_write_off(category: str, reason: Reason, code: str) -> Kind | None:
    """The entry of money that leaves the balance, or moves it, without being given up."""
    shown, group = reason.label, reason.group
    if category == "transfer":
        return Kind(v.TRANSFER, "transfer", "", transfer_party(shown), shown, group)
    if category == "opening_balance":
        return Kind(v.CHARGE, v.OPENING_BALANCE, "", v.PATIENT, shown, group)
    if category == "debit_adjustment":
        return Kind(v.CHARGE, v.FEE, "", v.PATIENT, shown, group)
    if category in ("refund", "reversal_refund", "nsf_reversal"):
        entry = _refund_entry(category, shown, code)
        party = v.PATIENT if entry == v.PATIENT_PAYMENT else v.PAYER
        return Kind(entry, category, "", party, shown, group)
    return None


_PATIENT_WORD: Final = re.compile(
    r"\b(pt|pat|patient|client|guarantor|guar|self|member|responsible party)\b"
)
_TO_WHOM: Final = re.compile(r"\bto\s+(.*)$")


def transfer_party(text: str) -> str:
    """Of whom a transfer speaks: "Transfer to patient", "Bill pt" -> the patient; else a payer."""
    lowered = _spelled(text)
    target = _TO_WHOM.search(lowered)
    found = _PATIENT_WORD.search(target[1] if target else lowered)
    return v.PATIENT if found else v.PAYER


def _refund_entry(category: str, label: str, code: str) -> str:
    lowered = _spelled(label)
    if category == "nsf_reversal" or code == "A0":
        return v.PATIENT_PAYMENT
    if _PATIENT_WORD.search(lowered):
        return v.PATIENT_PAYMENT
    if category == "reversal_refund" or re.search(r"\b(ins|insurance|payer|carrier)", lowered):
        return v.INSURER_PAYMENT
    return v.PAYMENT


def _share(category: str, reason: Reason) -> Kind:
    return Kind(v.PATIENT_SHARE, category, "", v.PATIENT, reason.label, reason.group)


def bucket_of(category: str, preventability: str, group: str = "") -> str:
    """Where a write-off category counts (rules.md 13).

    K is contract or law by category, and whatever else is unavoidable on the payer's side; X is
    capitation and duplicates; A is avoidable on the payer's side, never under group OA, which
    stands for "look at it".
    """
    if category == "allowed_over_billed":
        return v.OVER_BILLED
    if category in _NO_WRITE_OFF:
        return v.NO_WRITE_OFF
    if category in _LAW:
        return v.LAW
    if category in _SET_ASIDE:
        return v.SET_ASIDE
    if category in _BAD_DEBT:
        return v.BAD_DEBT
    if preventability == "unavoidable":
        return v.LAW
    if preventability == "discretionary":
        return v.DISCRETIONARY
    if preventability == "avoidable" and group != "OA":
        return v.AVOIDABLE
    return v.REVIEW


def write_off(category: str, bucket: str, reason: str = "", group: str = "") -> Kind:
    """A write-off posting kind with the party that its category implies."""
    party = v.PATIENT if category in _BAD_DEBT | _PATIENT_CHOICE else v.PAYER
    return Kind(v.WRITE_OFF, category, bucket, party, reason, group)


def assigned(category: str, reason: str = "", group: str = "") -> Kind:
    """What an adjustment is when a person says so: any of ASSIGNABLE.

    A person who names a category has looked, so that group OA ("look at it") no longer makes it
    review. Amounts keep their sign: a positive one is given up, assigned to the patient, or noted.

    Raises:
        KeyError: a category that nobody may choose, such as a payment or a refund.
    """
    if category not in ASSIGNABLE:
        raise KeyError(category)
    if category in _SHARES:
        return Kind(v.PATIENT_SHARE, _SHARES[category], "", v.PATIENT, reason, group)
    if category in _MEMOS:
        return Kind(v.TRANSFER, category, "", _MEMOS[category], reason, group)
    return write_off(category, bucket_of(category, _preventability(category)), reason, group)


@cache
def _preventability(category: str) -> str:
    """A category's own preventability: that of its label, else of its first code."""
    rows = (*reference.labels(), *reference.carc().values())
    return next((r["preventability"] for r in rows if r["category"] == category), "review")


def waits(kind: Kind) -> bool:
    """Whether a posting says that a payer still decides: pending, or sent on to the next payer."""
    return kind.entry == v.TRANSFER and kind.category in (PENDING, NEXT_PAYER)


def contractual(reason: str = "") -> Kind:
    """A write-off under contract."""
    return write_off(v.CONTRACTUAL, v.LAW, reason)


# Plain words, before the code: what a person says at the front desk.
WORDS: Final[dict[str, str]] = {
    "contractual": "Contract with the payer",
    "sequestration": "Federal budget cut (sequestration)",
    "withhold": "Withheld by the payer",
    "regulatory": "Required by law",
    "capitation": "Covered by the monthly capitation",
    "duplicate": "Billed twice",
    "timely_filing": "Claims sent too late",
    "appeal": "Appeal missed or lost",
    "authorization": "No authorization or referral",
    "eligibility": "Not covered on that day",
    "cob_other_payer": "Another payer should have been billed",
    "coding": "Coding errors",
    "billing_error": "Claim data errors",
    "documentation": "Missing records",
    "medical_necessity": "Not seen as medically necessary",
    "credentialing": "Clinician not enrolled with the payer",
    "network": "Out of network",
    "compliance": "Rules not followed",
    "regulatory_penalty": "Legal penalty",
    "bundling": "Bundled into another service",
    "non_covered": "Service not covered",
    "benefit_limit": "Benefit used up",
    "workers_comp_pc": "Injury claim adjustments",
    "denial_other": "Denied, reason unclear",
    "bad_debt": "Bad debt",
    "collection_agency": "Sent to a collection agency",
    "bankruptcy": "Bankruptcy",
    "charity": "Charity and financial assistance",
    "small_balance": "Small balances",
    "self_pay_discount": "Discount for self-pay patients",
    "prompt_pay_discount": "Discount for prompt payment",
    "professional_courtesy": "Professional courtesy",
    "courtesy_discount": "Courtesy discounts",
    "discount_unspecified": "Discounts, kind not said",
    "administrative": "Administrative decisions",
    "cost_share_waived": "Patient share waived",
    "other_payer": "Another payer's part",
    "unclassified": "Reason not known",
}


# What a person may call an adjustment. Never a charge or a payment: those have rows of their own.
ASSIGNABLE: Final = (*WORDS, *sorted(_NO_WRITE_OFF), *_SHARES, *_MEMOS)


def plain(category: str) -> str:
    """A category in plain words; its own name, spaced, when it has none."""
    return WORDS.get(category, category.replace("_", " ").capitalize())


# What somebody could do about a loss, in one plain sentence.
ACTIONS: Final[dict[str, str]] = {
    "timely_filing": "Send them within the payer's deadline; appeal those with proof of it.",
    "appeal": "Put appeal deadlines on the calendar; ask for reopening where a reason exists.",
    "authorization": "Check authorization before the visit; ask afterwards where allowed.",
    "eligibility": "Check coverage when the visit is booked; look for the plan that was in force.",
    "cob_other_payer": "Ask for the other coverage and bill it in the right order.",
    "coding": "Have a coder look at the pattern; correct and send again within the deadline.",
    "billing_error": "Mend the claim data at its source; corrected claims can be sent again.",
    "documentation": "Send the records that the payer asked for.",
    "medical_necessity": "Check the diagnosis against the payer's policy; have a notice signed.",
    "credentialing": "Finish enrolment before the clinician sees this payer's patients.",
    "network": "Check the network before the visit.",
    "non_covered": "Check coverage and have a notice signed, so that the patient may be billed.",
}


def action(category: str) -> str:
    """What to do about a loss."""
    return ACTIONS.get(category, "Look at the claims for what they have in common.")
