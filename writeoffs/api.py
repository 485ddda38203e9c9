"""The measures as functions, for notebooks: a ledger in, a tidy frame out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from writeoffs import cohorts, measures, metrics
from writeoffs import vocabulary as v
from writeoffs.claims import claims as claims_of
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest

By = str | Sequence[str] | None


def _by(by: By) -> list[str]:
    return [] if by is None else [by] if isinstance(by, str) else list(by)


def measure(ledger: Ledger, name: str, by: By = None, basis: str = "service") -> pd.DataFrame:
    """Any measure of the catalogue, by anything.

    Args:
        ledger: from ``read``.
        name: a name in ``MEASURES``.
        by: one or several of payer, paying_payer, practice, provider, location, procedure,
            category, month, year, patient; None for one row. By paying_payer and category dollars
            only: rates are NA.
        basis: "service" or "post": which date months and years go by.

    Returns:
        The ``by`` columns (month as a monthly period, NA for missing) and ``value``: Int64 cents
        for dollars, Float64 fraction for rates, NA where it cannot be said. Rates also carry
        ``numerator`` and ``denominator`` in Int64 cents.

    Raises:
        BadRequest: an unknown measure, dimension or basis.
    """
    m = measures.measure(name)
    keys = _by(by)
    view, columns = metrics.keys_for(metrics.view_of(ledger, keys, basis), keys)
    out = metrics.table(view, [name], columns).rename(columns={name: "value"})
    if m.denominator is not None:
        sums = measures.components(view.cube, columns, rated=True)
        said = measures.can_say(m, view.says)
        for part, weights in (("numerator", m.numerator), ("denominator", m.denominator)):
            cents = pd.Series(measures.weigh(sums, weights), dtype="Int64")
            out[part] = cents if said else pd.NA
        if set(v.WITHOUT_RATES) & set(keys):
            out["value"] = pd.NA
    return _named(out, keys, columns)


def _named(frame: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    out = frame.rename(columns=dict(zip(columns, keys, strict=True)))
    if "month" in keys:
        out["month"] = months(out["month"])
    if "year" in keys:
        out["year"] = out["year"].astype("Int32").where(out["year"] >= 0)
    return out


def months(numbers: pd.Series) -> pd.Series:
    """year * 12 + month - 1 as monthly periods; negative numbers as NaT."""
    found = [
        pd.NaT if n < 0 else pd.Period(year=n // 12, month=n % 12 + 1, freq="M") for n in numbers
    ]
    return pd.Series(pd.PeriodIndex(found, freq="M"), index=numbers.index)


def write_off_rate(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """(contract or law + every other write-off) / (billed - capitation - duplicates).

    Unit: fraction. NA where no file states write-offs or the denominator is 0 or less.
    Source: rules 13 and 14 of the posting rules; calcdomain.com ($30k / $120k = 25 %).
    See ``measure`` for arguments, columns and errors.
    """
    return measure(ledger, "write_off_rate", by, basis)


def contractual_rate(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """Write-offs by contract or law / (billed - capitation - duplicates), as a fraction.

    NA also where every written-off dollar is unclassified. See ``measure``.
    """
    return measure(ledger, "contractual_rate", by, basis)


def avoidable_rate(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """Avoidable payer-side write-offs / (billed - set aside - contract or law), gross, a fraction.

    Denied lines stand in it at their billed price. See ``measure``.
    """
    return measure(ledger, "avoidable_rate", by, basis)


def gross_collection_rate(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """(insurer + patient payments) / (billed - capitation - duplicates), as a fraction.

    NA where one side's payments are not in the data. Source: MGMA. See ``measure``.
    """
    return measure(ledger, "gross_collection_rate", by, basis)


def net_collection_rate(
    ledger: Ledger, by: By = None, basis: str = "service", definition: str = "aafp"
) -> pd.DataFrame:
    """(insurer + patient payments) / (billed - set aside - contract or law), as a fraction.

    Args:
        definition: "aafp", payments less credits over charges less contractual agreements; the
            only one so far.

    Over 1 is possible and shown. See ``measure`` for the rest.
    """
    if definition != "aafp":
        raise BadRequest(f"no definition {definition!r}\n\nHint: aafp")
    return measure(ledger, "net_collection_rate", by, basis)


def out_of_pocket(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """What patients carry: ``owed``, its split, ``paid`` and ``open``, Int64 cents.

    Owed is patient responsibility, and for self-pay the charge less discounts. Owed and paid are
    two figures and are never added. NA where no file states shares. See ``measure`` for ``by``.
    """
    names = {
        "owed": "out_of_pocket_owed",
        "deductible": "deductible",
        "coinsurance": "coinsurance",
        "copay": "copay",
        "other": "patient_other",
        "paid": "patient_paid",
        "open": "patient_open",
    }
    return _several(ledger, names, by, basis)


def patient_collection(ledger: Ledger, by: By = "month") -> pd.DataFrame:
    """What patients paid of what they were asked for, 1, 3, 6 and 12 months after the share.

    Args:
        ledger: from ``read``.
        by: one or several of month (of service), payer, practice, provider, location, band (size of
            a claim's share) and self_pay; None for one row.

    Returns:
        The ``by`` columns and those of ``cohorts.rates``: dollars in Int64 cents, rates Float64
        fractions, NA while a cohort is young (``months`` says how long it was followed) and where
        the files cannot say it. See ``cohorts`` for the clock and the source.

    Raises:
        BadRequest: an unknown dimension.
    """
    keys = _by(by)
    unknown = set(keys) - {"month", "band", "self_pay", *v.CUBE_DIMENSIONS}
    if unknown:
        raise BadRequest(
            f"no patient collection by {', '.join(sorted(unknown))}\n\nHint: month, payer, "
            "practice, provider, location, band, self_pay"
        )
    columns = ["service_month" if key == "month" else key for key in keys]
    table = cohorts.claims(ledger)
    out = cohorts.rates(table, columns)
    if not set(cohorts.NEEDS) <= ledger.can_say:
        out[out.columns.difference(columns)] = pd.NA
    return _named(out, keys, columns)


def totals(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """Where the dollars are: billed, paid, written off by bucket, still owed; Int64 cents."""
    parts = ["billed", "other_debits", "paid", "insurer_paid", "patient_paid", "written_off"]
    parts += ["contractual", "avoidable", "bad_debt", "discretionary", "review", "set_aside"]
    parts += ["other_adjustments", "open", "patient_open", "unexplained", "patient_responsibility"]
    return _several(ledger, {name: name for name in parts}, by, basis)


def _several(ledger: Ledger, names: dict[str, str], by: By, basis: str) -> pd.DataFrame:
    keys = _by(by)
    view, columns = metrics.keys_for(metrics.view_of(ledger, keys, basis), keys)
    out = metrics.table(view, list(names.values()), columns)
    out = out.rename(columns={measure_name: short for short, measure_name in names.items()})
    return _named(out, keys, columns)


def payer_mix(ledger: Ledger, basis: str = "service") -> pd.DataFrame:
    """Each payer's share of billed dollars: ``payer``, ``billed`` (cents), ``share`` (fraction)."""
    del basis
    out = totals(ledger, "payer")[["payer", "billed"]]
    whole = out["billed"].sum()
    share = out["billed"].astype("Float64") / (float(whole) if whole else np.nan)
    return out.assign(share=share).sort_values("billed", ascending=False, ignore_index=True)


def payment_per_claim(ledger: Ledger, by: By = None) -> pd.DataFrame:
    """Payments / claims with a non-zero net charge: ``paid`` (cents), ``claims``, ``value``
    (cents, Float64; NA without claims). ``by``: payer, practice, provider or location."""
    keys = _by(by)
    unknown = set(keys) - {"payer", "practice", "provider", "location"}
    if unknown:
        raise BadRequest(f"cannot count claims by {', '.join(sorted(unknown))}")
    claims = claims_of(ledger.settled)
    claims = claims[claims["counts"]]
    paid = totals(ledger, keys)[[*keys, "paid"]]
    if not keys:
        return _per_claim(paid.assign(claims=len(claims)), ledger)
    sizes = claims.groupby(keys, dropna=False, observed=True).size().rename("claims").reset_index()
    out = paid.merge(sizes, on=keys, how="left")
    return _per_claim(out, ledger)


def _per_claim(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    frame["claims"] = frame["claims"].astype("Int64")
    if "claims" not in ledger.says:
        frame["claims"] = pd.NA
    count = frame["claims"].astype("Float64")
    value = frame["paid"].astype("Float64") / count.where(count > 0)
    return frame.assign(value=value)
