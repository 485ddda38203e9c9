"""Which payer names are proposed as one: what is missed costs a click, what is wrong costs trust."""

from __future__ import annotations

import random
import time

import pytest

from writeoffs.payer_names import alike, gather, read_name

SAME = """
    Aetna                                   | AETNA
    Aetna                                   | Aetna Inc.
    Aetna, Inc                              | aetna inc
    Aetna                                   | Aetna (60054)
    Aetna                                   | AETNA - 60054
    Aetna [Payer ID: 60054]                 | Aetna #60054
    Aetna Life Ins Co                       | Aetna Life Insurance Company
    Humana                                  | Humana Insurance Company
    Humana                                  | HUMANA INC.
    Cigna Corp                              | The Cigna Corporation
    UHC                                     | UnitedHealthcare
    UHC                                     | United Health Care
    United Healthcare                       | UnitedHealthCare Insurance Co.
    UHC Community Plan                      | United Healthcare Community Plan
    UHC (87726)                             | UnitedHealthcare
    BCBS                                    | Blue Cross Blue Shield
    BCBS                                    | BlueCross BlueShield
    BC/BS                                   | Blue Cross & Blue Shield
    B.C.B.S. of Texas                       | BCBSTX
    BCBS TX                                 | Blue Cross and Blue Shield of Texas
    Texas BCBS                              | BCBS of Texas
    BCBS of MA                              | Blue Cross Blue Shield of Massachusetts
    BCBS of VA                              | BCBS Virginia
    BCBS NC                                 | BCBS of North Carolina
    Anthem BCBS                             | Anthem Blue Cross Blue Shield
    Medicaid TX                             | Texas Medicaid
    Medicaid of Ohio                        | OH Medicaid
    New York Medicaid                       | Medicaid - NY
    Medicare                                | MEDICARE
    Medicare Part B                         | Medicare B
    Medicare Advantage                      | Medicare Adv
    MCR Advantage                           | Medicare Advantage
    Workers' Compensation                   | Workers Comp
    Workman's Comp                          | Worker's Compensation
    Mutual of Omaha                         | Mutual of Omaha Insurance Co
    State Farm                              | State Farm Insurance
    Health Net                              | HealthNet
    Tri-Care                                | TRICARE
    Self-Pay                                | SELF PAY
    Coventry                                | Coventy
    Geisinger Health Plan                   | Gesinger Health Plan
    Untied Healthcare                       | United Healthcare
    United Heathcare                        | United Healthcare
    Amerigroup                              | Ameirgroup
    Amer. Natl Life                         | American National Life
    Kaiser H.M.O.                           | Kaiser HMO
    MEDICAREADVANTAGE                       | Medicare Adv
    WORKERSCOMPENSATION                     | Worker'sComp
    BCBSMI                                  | BCBS of Michigan
    TRICAREWEST                             | Tricare West
    Tricare                                 | Triare
    Présbyterian Health                     | Presbyterian Hlth
"""

DIFFERENT = """
    Medicare                                | Medicaid
    Medicare                                | Medicare Advantage
    Medicare                                | Medicare Railroad
    Medicare Part A                         | Medicare Part B
    Medicare A                              | Medicare B
    Medicare                                | Medicare Secondary
    Medicare                                | Medicare Supplement
    Medicare Plan F                         | Medicare Plan G
    Medicaid                                | Medicaid Managed Care
    Medicaid TX                             | Medicaid OK
    Medicaid MA                             | Medicaid of Massachusetts
    Mediacid                                | Medicare
    BCBS of Texas                           | BCBS of Illinois
    BCBS                                    | BCBS of Texas
    BCBS MA                                 | BCBS of Massachusetts
    BCBSTX                                  | BCBSOK
    BCBS CO                                 | BCBS Company of Connecticut
    Blue Cross                              | Blue Shield
    Blue Cross                              | Blue Cross Blue Shield
    Blue Cross of California                | Blue Shield of California
    Anthem                                  | Anthem BCBS
    Anthem Blue Cross                       | Anthem BCBS
    BCBS HMO                                | BCBS PPO
    Aetna HMO                               | Aetna PPO
    Aetna HMO                               | Aetna
    Aetna                                   | Aetna Better Health
    Aetna                                   | Aetna Medicare
    Aetna (60054)                           | Aetna (12345)
    Aetna (2)                               | Aetna
    Aetna (2nd)                             | Aetna
    Aetna 65plus                            | Aetna
    Aetna - Secondary                       | Aetna
    Cigna Colorado                          | Cigna
    Cigna CO                                | Cigna
    Cigna                                   | Signa
    UHC                                     | UHC Community Plan
    UHC                                     | UMR
    UHC Choice                              | UHC Choice Plus
    UHC Gold                                | UHC Silver
    UnitedHealthcare                        | United American
    Kaiser Medi-Cal                         | Kaiser Medical
    Kaiser Northern California              | Kaiser Southern California
    LA Care                                 | Louisiana Care
    VA                                      | Virginia
    Virginia Premier                        | West Virginia Premier
    Kansas Health                           | Arkansas Health
    Washington                              | Washington DC
    Humana Gold                             | Humana Gold Plus
    Medica                                  | Medicaid
    Medcal                                  | Medical
    UHC Adv Plan                            | UHC Dual Complete
    BCBS AL PPO                             | BCBS AL Preferred Care PPO
    Tricare                                 | Tricare for Life
    Liberty Mutual                          | Liberty Medical Mail
    Zurich                                  | Zurich American Insurance
    Medical Mutual                          | Medica Mutual
    American Life                           | Americans Life
    Physician Health                        | Physicians Health
    Meridian                                | Meridien
    HealthCare Partners                     | HealthCore Partners
    Tricare East                            | Tricare West
    Tricare Prime                           | Tricare Select
    Tricare                                 | Champva
    Plan 12                                 | Plan 1 2
    Group 1001                              | Group 1002
    Self Pay                                | Aetna
    Self Pay                                | Patient
    -                                       | ---
    Mutual of Omaha                         | United of Omaha
    Molina Healthcare                       | Molina Marketplace
    Life Insurance of New York              | New York Life
"""


def pairs(table: str) -> list[tuple[str, str]]:
    out = []
    for line in table.strip().splitlines():
        one, other = line.split("|")
        out.append((one.strip(), other.strip()))
    return out


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_spellings_of_one_payer_are_alike(one: str, other: str) -> None:
    assert alike(one, other) and alike(other, one)


@pytest.mark.parametrize(("one", "other"), pairs(DIFFERENT))
def test_two_payers_are_not_alike(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(other, one)
    assert gather([one, other]) == []


def test_the_names_of_both_tables_at_once_bring_no_two_payers_together() -> None:
    """What is right for each pair must stay right where names are many."""
    names = list(dict.fromkeys(n for pair in pairs(SAME) + pairs(DIFFERENT) for n in pair))
    groups = gather(names)
    where = {name: i for i, group in enumerate(groups) for name in group}
    together = [p for p in pairs(DIFFERENT) if p[0] in where and where[p[0]] == where.get(p[1])]
    assert together == []
    for group in groups:
        assert all(alike(a, b) for a in group for b in group)


def test_groups_stand_in_the_order_of_the_names_given() -> None:
    names = ["Cigna", "BCBSTX", "Aetna", "BCBS of Texas", "AETNA INC", "Texas BCBS"]
    assert gather(names) == [["BCBSTX", "BCBS of Texas", "Texas BCBS"], ["Aetna", "AETNA INC"]]


def test_a_refused_pair_never_stands_in_one_group() -> None:
    names = ["Aetna", "AETNA", "Aetna Inc"]
    assert gather(names, [("AETNA", "Aetna")]) == [["Aetna", "Aetna Inc"]]
    every = [("Aetna", "AETNA"), ("Aetna", "Aetna Inc"), ("Aetna Inc", "AETNA")]
    assert gather(names, every) == []


def test_a_name_without_a_number_goes_with_none_where_two_numbers_fit() -> None:
    assert gather(["Aetna", "Aetna (60054)", "AETNA"]) == [["Aetna", "Aetna (60054)", "AETNA"]]
    names = ["Aetna", "Aetna (60054)", "Aetna (12345)", "AETNA #60054"]
    assert gather(names) == [["Aetna (60054)", "AETNA #60054"]]


def test_two_slips_of_one_name_are_not_joined_through_it() -> None:
    """ "Coventy" and "Covetry" are each near Coventry, and not near each other."""
    assert not alike("Coventy", "Covetry")
    assert gather(["Coventry", "Coventy", "Covetry"]) == [["Coventry", "Coventy"]]


def test_payer_numbers_are_read_and_left_out_of_the_words() -> None:
    assert read_name("Cigna [Payer ID: SX107]").ids == {"sx107"}
    assert read_name("Cigna 62308") == read_name("Cigna (62308)")


def test_thousands_of_names_take_a_moment() -> None:
    generator = random.Random(5)
    words = ["".join(generator.choices("abcdefghij", k=8)) for _ in range(400)]
    names = list({" ".join(generator.choices(words, k=2)) for _ in range(4000)} | set(words))
    began = time.perf_counter()
    gather(sorted(names))
    assert time.perf_counter() - began < 20
