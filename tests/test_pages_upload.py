"""The upload: several files as one practice, remittances, archives, mappings used before, undo."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from writeoffs.keeping import home
from writeoffs.ledger import Ledger

ROOT = Path(__file__).parent.parent
CHARGES = b"""Claim ID,Patient ID,DOS,Payer,CPT,Billed,Pt Paid
C1,P1,2026-01-05,Aetna PPO,99213,500.00,60.00
C2,P2,2026-01-06,Cigna,99214,300.00,0.00
"""
FEBRUARY = b"""Claim ID,Patient ID,DOS,Payer,CPT,Billed,Pt Paid
C3,P3,2026-02-05,Aetna PPO,99213,200.00,0.00
"""
ERA = (
    b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*^*00501*"
    b"000000001*0*P*:~GS*HP*A*B*20260105*1200*1*X*005010X221A1~ST*835*0001~"
    b"BPR*I*200*C*ACH************20260201~TRN*1*1*1~N1*PR*AETNA~N1*PE*DEMO*XX*1234567893~LX*1~"
    b"CLP*C1*1*500*200*100*12*ICN1~NM1*QC*1*DOE*J****MI*M1~DTM*232*20260105~SVC*HC:99213*500*200~"
    b"DTM*472*20260105~CAS*CO*45*200~CAS*PR*1*50**2*50~SE*14*0001~GE*1*1~IEA*1*000000001~"
)


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


def data_page() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "data.py"), default_timeout=60).run()


def give(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Choose files in the uploader of the page."""
    at.get("file_uploader")[0].set_value([(n, d, "application/octet-stream") for n, d in files])
    at.run()
    assert not at.exception
    return at


def used(at: AppTest, button: str = "use") -> Ledger:
    """What is shown after the button."""
    at.button(key=button).click().run()
    assert not at.exception
    ledger: Ledger = at.session_state["data"].raw
    return ledger


def cents(ledger: Ledger, names: Sequence[str]) -> list[int]:
    parts = ledger.reconciliation.set_index("part")["cents"]
    return [int(parts[name]) for name in names]


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.success, *at.error, *at.warning]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def test_charges_and_a_remittance_are_one_practice() -> None:
    at = give(data_page(), ("charges.csv", CHARGES), ("january.835", ERA))
    assert "a remittance (835) with 1 claim" in words(at)
    assert "Charged $500.00; Paid on claims $200.00" in words(at)
    ledger = used(at)
    assert cents(ledger, ["billed", "paid", "written_off", "open"]) == [80000, 26000, 20000, 34000]
    assert [f.name for f in ledger.files] == ["charges.csv", "january.835"]


def test_a_zip_is_the_files_inside() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("charges.csv", CHARGES)
        archive.writestr("era/january.835", ERA)
    ledger = used(give(data_page(), ("january.zip", packed.getvalue())))
    assert cents(ledger, ["billed", "paid"]) == [80000, 26000]


def test_one_bad_file_among_good_ones_is_named_and_the_others_wait() -> None:
    at = give(data_page(), ("charges.csv", CHARGES), ("page.xls", b"<html><table></table></html>"))
    assert "page.xls was not read" in words(at)
    assert cents(used(at), ["billed"]) == [80000]


def test_next_months_export_needs_no_click_and_can_be_undone() -> None:
    at = give(data_page(), ("january.csv", CHARGES))
    used(at)
    assert list((home() / "mappings").glob("*.json"))
    at = give(at, ("february.csv", FEBRUARY))
    assert "without a click" in words(at)
    assert cents(at.session_state["data"].raw, ["billed"]) == [100000]
    at.button(key="undo").click().run()
    assert cents(at.session_state["data"].raw, ["billed"]) == [80000]


def test_a_person_who_wants_nothing_remembered_is_asked_again() -> None:
    at = give(data_page(), ("january.csv", CHARGES))
    at.checkbox(key="remember").uncheck().run()
    used(at)
    assert not home().exists() or not list(home().rglob("*.json"))
    at = give(at, ("february.csv", FEBRUARY))
    assert cents(used(at, "add"), ["billed"]) == [100000]


def test_the_same_file_again_is_counted_once_and_said() -> None:
    at = give(data_page(), ("january.csv", CHARGES))
    used(at)
    at = give(at, ("again.csv", CHARGES))
    ledger = at.session_state["data"].raw
    assert cents(ledger, ["billed"]) == [80000]
    assert "already_loaded" in {p.kind for p in ledger.problems}


def test_another_order_of_signs_is_shown_and_can_be_changed() -> None:
    ledger = (
        b"Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount\n"
        b"A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00\n"
        b"A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,-300.00\n"
        b"A1,2026-01-05,2026-02-06,Aetna,Adjustment,CO-45,-200.00\n"
    )
    at = give(data_page(), ("ledger.csv", ledger))
    turned = at.multiselect[0]
    assert turned.label == "Turned around when read"
    assert "payments" in turned.value
    turned.set_value([]).run()
    assert not at.exception
    assert cents(used(at), ["paid"]) == [-30000]
