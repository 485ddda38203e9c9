"""The measures as functions, for notebooks: a ledger in, a tidy frame out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from writeoffs import (
    cohorts,
    definitions,
    denials,
    expected,
    histories,
    lab,
    measures,
    metrics,
    refusals,
    scenarios,
    split,
)
from writeoffs import vocabulary as v
from writeoffs.claims import claims as claims_of
from writeoffs.fee_schedule import Schedule
from writeoffs.ledger import Ledger
from writeoffs.metrics import View
from writeoffs.pairs import Pair, year_before
from writeoffs.periods import YEAR, Period
from writeoffs.problems import BadRequest
from writeoffs.split import Split

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
        definition: "aafp", payments less credits over charges less contractual agreements, or any
            other id of ``definitions.ALL``: the same ledger by another published formula.

    Over 1 is possible and shown. See ``measure``, and ``rate`` for columns and fee schedules.
    """
    if definition == "aafp":
        return measure(ledger, "net_collection_rate", by, basis)
    return rate(ledger, definition, by, basis)


def rate(
    ledger: Ledger,
    definition: str,
    by: By = None,
    basis: str = "service",
    schedule: Schedule | None = None,
) -> pd.DataFrame:
    """Any published definition of ``definitions.ALL``, by month, year, payer and the like.

    Args:
        ledger: from ``read``.
        definition: an id, such as "mgma", "all_out_closed" or "bad_debt_of_gross".
        by: one or several of ``measure``'s, except category and paying_payer: a rate of those has
            no denominator of its own.
        basis: "service" or "post".
        schedule: a fee schedule for what lines should have been allowed ("of_expected"); without
            one, what the same payer usually allows.

    Returns:
        The ``by`` columns, ``value`` (Float64 fraction), ``numerator`` and ``denominator`` (Int64
        cents), all NA where it cannot be said, and ``why`` it cannot.

    Raises:
        BadRequest: an unknown definition, dimension or basis.
    """
    keys = _by(by)
    unknown = [k for k in keys if k not in v.BY or k in v.WITHOUT_RATES]
    if unknown or basis not in ("service", "post"):
        raise BadRequest(f"cannot group a rate by {', '.join(unknown) or basis}")
    month = f"{basis}_month"
    attributes = [month, *(k for k in keys if k not in ("month", "year"))]
    by_contract = definitions.definition(definition).of == definitions.VALUED
    worth = expected.every(ledger, schedule)["expected"] if by_contract else None
    found = lab.cells(ledger, attributes, worth).assign(year=lambda cells: cells[month] // 12)
    columns = [month if k == "month" else k for k in keys]
    out = lab.values(found, ledger.can_say, basis, [definition], columns)
    return _named(out[[*columns, "value", "numerator", "denominator", "why"]], keys, columns)


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


def payer_mix(ledger: Ledger, basis: str = "service", of: str = "billed") -> pd.DataFrame:
    """Each payer's share of a practice, largest first; four ways to say it are in use.

    Args:
        basis: kept for callers; a whole ledger is the same on both.
        of: "billed" (gross charges), "net_charges" (charges less contract or law), "paid" or
            "claims".

    Returns:
        ``payer``, the column that ``of`` names (Int64 cents, or a count of claims) and ``share``
        (Float64 fraction of the total of that column; NA where the total is 0 or less).

    Source: gross and net charges, payments and visits are all called payer mix (acephale, "Payer
    mix", which uses net charges).

    Raises:
        BadRequest: another ``of``.
    """
    del basis
    if of not in ("billed", "net_charges", "paid", "claims"):
        raise BadRequest(f"no payer mix of {of!r}\n\nHint: billed, net_charges, paid or claims")
    out = totals(ledger, "payer")
    if of == "net_charges":
        out = out.assign(net_charges=out["billed"] - out["contractual"])
    if of == "claims":
        counted = payment_per_claim(ledger, "payer")
        out = out.merge(counted[["payer", "claims"]], on="payer", how="left")
    whole = out[of].sum()
    share = out[of].astype("Float64") / (float(whole) if whole > 0 else np.nan)
    out = out[["payer", of]].assign(share=share)
    return out.sort_values(of, ascending=False, ignore_index=True)


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


def why_moved(
    ledger: Ledger,
    name: str = "paid",
    now: tuple[str, str] | None = None,
    before: tuple[str, str] | None = None,
    by: str = "payer",
    basis: str = "service",
) -> Split:
    """What moved a figure between two periods; the terms add up to the change.

    Args:
        name: "paid", "avoidable", or one of the rates in ``split.RECIPES``.
        now: first and last month, as ("2025-11", "2026-07"); the last twelve months that are not
            young where None.
        before: what it is compared with; the same months a year before where None, and then
            months that the year before lacks are left out of both.
        by: payer, practice, provider or location.
        basis: "service" or "post".

    Returns:
        A ``Split``: ``terms`` and ``cells`` (frames), ``before``, ``now``, ``change``, and ``why``
        where it cannot be said. See ``split`` for the formula and its sources.

    Raises:
        BadRequest: a figure or dimension that cannot be split, or nothing to compare with.
    """
    return split.split(_view_of(ledger, basis), name, _pair(ledger, now, before, basis), by)


def what_if(
    ledger: Ledger,
    now: tuple[str, str] | None = None,
    *,
    mix: Sequence[tuple[str, str, float]] = (),
    contracts: Mapping[str, float] | None = None,
    fewer_losses: Mapping[str, float] | None = None,
    patients_pay: float = 0,
) -> scenarios.Outcome:
    """What other rates would bring a year, in cents; see ``scenarios`` for how it is worked out.

    Args:
        now: as in ``why_moved``.
        mix: (from payer, to payer, part of all billed dollars as a fraction).
        contracts: payer -> how much more it allows: 0.05 is 5 % more.
        fewer_losses: category of avoidable losses ("" for all) -> part that no longer happens.
        patients_pay: part of what patients left unpaid that is paid.

    Raises:
        BadRequest: an unknown payer, a part that is no part, nothing to compare with.
    """
    view, wanted = _view_of(ledger), _wanted(ledger, now, "service")
    pair = Pair(wanted, wanted)
    payers = {str(name): at for at, name in enumerate(view.cube["payer"].cat.categories)}

    def code(name: str) -> int:
        if name not in payers:
            raise BadRequest(f"no payer {name!r}\n\nHint: one of {', '.join(payers)}")
        return payers[name]

    def part(number: float) -> Fraction:
        return Fraction(str(number))

    moves: list[scenarios.Move] = [scenarios.PatientsPay(part(patients_pay))]
    moves += [scenarios.Shift(code(a), code(b), part(x)) for a, b, x in mix]
    moves += [scenarios.Contract(code(a), part(x)) for a, x in (contracts or {}).items()]
    moves += [scenarios.FewerLosses(a, part(x)) for a, x in (fewer_losses or {}).items()]
    flows = split.flows(view, "paid", pair)[1]
    return scenarios.what_if(flows, moves, pair.now.months)


def _view_of(ledger: Ledger, basis: str = "service") -> View:
    """A whole ledger as what can be split."""
    return View(ledger.cube, ledger.can_say, basis)


def _pair(
    ledger: Ledger, now: tuple[str, str] | None, before: tuple[str, str] | None, basis: str
) -> Pair:
    wanted = _wanted(ledger, now, basis)
    if before:
        return Pair(_period(before), wanted)
    found = year_before(wanted, _reach(ledger, basis)[0], None)
    if found is None:
        raise BadRequest("the data hold no such months a year before\n\nHint: name them as before=")
    return found


def _reach(ledger: Ledger, basis: str) -> tuple[int, int]:
    known = ledger.cube["post_month" if basis == "post" else "service_month"]
    known = known[known > 0]
    if not len(known):
        raise BadRequest("nothing in these data has a date")
    return int(known.min()), int(known.max())


def _wanted(ledger: Ledger, now: tuple[str, str] | None, basis: str) -> Period:
    """The months named, else the last twelve that are not young."""
    if now:
        return _period(now)
    first, last = _reach(ledger, basis)
    young = ledger.first_young_month() if basis == "service" else None
    end = last if young is None else min(last, young - 1)
    return Period("range", max(first, end - YEAR + 1), end)


def _period(months: tuple[str, str]) -> Period:
    one, two = (pd.Period(text, freq="M") for text in months)
    return Period("range", one.year * 12 + one.month - 1, two.year * 12 + two.month - 1)


def denial_rates(ledger: Ledger, by: By = None, basis: str = "service") -> pd.DataFrame:
    """What came back refused, counted once a claim or line: every measure of ``denials``.

    Args:
        ledger: from ``read``.
        by: one or several of payer (the one that issued the denial), practice, provider, location,
            month; None for one row.
        basis: "service", or "post" for the month in which the charge was entered.

    Returns:
        The ``by`` columns, ``claims`` (Int64, those that payers have decided) and a column a
        measure: Float64 fractions and days, Int64 cents; NA where it cannot be said: a wide export
        tells how a line ended, not its first decision.

    Raises:
        BadRequest: an unknown dimension or basis.
    """
    keys = _by(by)
    unknown = set(keys) - {"payer", "practice", "provider", "location", "month"}
    if unknown or basis not in ("service", "post"):
        said = ", ".join(sorted(unknown)) or f"basis {basis!r}"
        raise BadRequest(f"cannot count denials by {said}")
    month = "post_month" if basis == "post" else "service_month"
    columns = [month if key == "month" else key for key in keys]
    out = denials.table(denials.counted(ledger), list(denials.MEASURES), columns)
    return _named(out, keys, columns)


def denial_reasons(ledger: Ledger) -> pd.DataFrame:
    """Why claims came back refused, with dollars and what to do: ``refusals.by_reason``."""
    return refusals.by_reason(denials.counted(ledger))


def decisions(ledger: Ledger) -> pd.DataFrame:
    """What payers decided on each charged line, first and last: ``histories.lines``."""
    return histories.lines(ledger)
