"""What a payer allowed on each service line, and whether it was denied.

No single definition of "allowed" exists; X12 means what the payer deems payable before the
patient's share. So, line by line: insurer payments + deductible + coinsurance + copay +
sequestration, which a payer holds back from what it allowed; where the source states no shares,
charge less what contract and law took and less what was refused, unless a part of it has no known
reason. A line that was denied altogether has no allowed amount: nothing was priced (X12 RFI 888;
CMS public-use files; domain 1.5, 3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from writeoffs import units
from writeoffs import vocabulary as v
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.vocabulary import Kind

_COVERED: Final = (v.DEDUCTIBLE, v.COINSURANCE, v.COPAY)
_NO_DENIAL: Final = (v.LAW, v.SET_ASIDE, v.NO_WRITE_OFF, v.OVER_BILLED)


def lines(ledger: Ledger) -> pd.DataFrame:
    """One row a service line that was charged.

    Returns:
        The columns of ``units.frame`` (claim, line, payer, procedure, service date and the like);
        ``charge``, ``contractual`` (by contract or law, sequestration left in), ``insurer_paid``,
        ``patient_share`` in int64 cents; ``allowed`` (Int64 cents; NA for a line that no payer
        paid or assigned, a denied one included, or whose write-offs nobody can name) and
        ``denied``: nothing paid, nothing assigned to the patient, and something written off on the
        payer's side that is no contract, law, capitation, duplicate or offset. What is pending is
        no denial.
    """
    out = every(ledger)
    return out[out["charge"] != 0].reset_index(drop=True)


def every(ledger: Ledger) -> pd.DataFrame:
    """The same of every line, one without a charge too: in the order of ``settled.line``."""
    settled = ledger.settled

    def sums(wanted: Callable[[Kind], bool]) -> Cents:
        return units.sums(settled, wanted)

    charge = sums(lambda k: (k.entry, k.category) == (v.CHARGE, v.SERVICE))
    paid = sums(lambda k: k.entry in (v.INSURER_PAYMENT, v.PAYMENT))
    law = sums(lambda k: k.entry == v.WRITE_OFF and k.bucket in (v.LAW, v.OVER_BILLED))
    held_back = sums(lambda k: k.category == "sequestration")
    share = sums(lambda k: k.entry == v.PATIENT_SHARE)
    covered = sums(lambda k: k.entry == v.PATIENT_SHARE and k.category in _COVERED)
    lost = sums(is_loss)
    priced = (paid != 0) | (share != 0)
    stated = "patient_responsibility" in ledger.says
    if stated:
        allowed, known = paid + covered + held_back, priced
    else:
        allowed = charge - law - lost + held_back
        known = priced & (sums(lambda k: is_loss(k) and k.category == v.UNCLASSIFIED) == 0)
    return units.frame(settled).assign(
        charge=charge,
        contractual=law,
        insurer_paid=paid,
        patient_share=share,
        allowed=pd.Series(allowed, dtype="Int64").where(known),
        denied=~priced & (lost > 0),
    )


def is_loss(kind: Kind) -> bool:
    """A write-off on the payer's side that no contract or law asked for."""
    payers = kind.party != v.PATIENT
    return kind.entry == v.WRITE_OFF and payers and kind.bucket not in _NO_DENIAL
