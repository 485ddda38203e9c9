"""Data: can I trust this?"""

import pandas as pd
import streamlit as st

from pages.frame import Frame, judging, memory, open_page, upload
from pages.frame.proof_pack import proof_pack
from pages.frame.show import COUNT, EXACT, table
from writeoffs import problems as findings
from writeoffs import stated, wording
from writeoffs.exporting import as_csv
from writeoffs.scope import Scope

frame: Frame = open_page(
    "Data", "Can I trust this? What was read, what was held, does it tie?", False
)
ledger = frame.ledger


def _journal() -> pd.DataFrame:
    """The journal in dollars."""
    out = ledger.postings
    return out.assign(amount=out["amount"] / 100)


upload.panel()
judging.panel()
memory.panel()

st.subheader("Does it tie?", anchor=False)
st.caption(wording.md(f"In use now: {frame.data.label}"))
parts = ledger.reconciliation
cents = dict(zip(parts["part"], parts["cents"], strict=True))
known = {k: 0 if pd.isna(c) else int(c) for k, c in cents.items()}
sides = [
    ("Billed", known["billed"]),
    ("Other debits", known["other_debits"]),
    ("Paid", -known["paid"]),
    ("Written off", -known["written_off"]),
    ("Other adjustments", -known["other_adjustments"]),
    ("Still owed", -known["open"]),
    ("Does not tie", -known["unexplained"]),
]
rest = sum(c for _, c in sides)
words = "Every cent has a place." if rest == 0 else f"{wording.exact(rest)} has no place."
if known["unexplained"]:
    words += f" {wording.exact(known['unexplained'])} differs from the balances the file states."
st.markdown(wording.md(words))
table(
    pd.DataFrame(sides, columns=["part", "cents"]),
    {"part": ("Part", "text"), "cents": ("Dollars", EXACT)},
    "reconciliation",
)

st.subheader("Files", anchor=False)
SHAPES = {
    "line": "a row a service",
    "ledger": "a row a movement",
    "835": "remittance (835)",
    "lookup": "names for other files",
    "explains": "explains another file",
}
files = pd.DataFrame(
    [
        (
            f.name,
            SHAPES.get(f.shape, f.shape),
            f.rows,
            len(f.held),
            sum(f.held.values()),
            "; ".join(f.notes),
            f.sha256[:16],
        )
        for f in ledger.files
    ],
    columns=["name", "shape", "rows", "held", "cents", "notes", "sha"],
)
table(
    files,
    {
        "name": ("File", "text"),
        "shape": ("What it holds", "text"),
        "rows": ("Rows", COUNT),
        "held": ("Held", COUNT),
        "cents": ("Dollars held", EXACT),
        "notes": ("Notes", "text"),
        "sha": ("Fingerprint", "text"),
    },
    "files",
)

remits = stated.remittances(ledger)
if len(remits):
    st.subheader("Remittances", anchor=False)
    st.caption(
        "What each 835 file states of itself, and what counts. They differ on purpose: a charge "
        "that several payers report counts once, what a payer corrects is replaced, what a later "
        "payer repeats is left out. Where your own export holds the payments, the export counts."
    )
    table(
        remits,
        {
            "file": ("File", "text"),
            "figure": ("Figure", "text"),
            "stated": ("The file states", EXACT),
            "counted": ("Counted", EXACT),
            "difference": ("Difference", EXACT),
        },
        "remittances",
    )

st.subheader("Problems", anchor=False)
if not ledger.problems:
    st.markdown("None found.")
else:
    rows = [
        (
            "held" if p.held else "counted, flagged",
            findings.KINDS[p.kind][1],
            p.message,
            p.column or "",
            len(p.rows),
            p.amount,
            p.file,
        )
        for p in ledger.problems
    ]
    columns = ["state", "kind", "message", "column", "rows", "cents", "file"]
    table(
        pd.DataFrame(rows, columns=columns),
        {
            "state": ("State", "text"),
            "kind": ("What", "text"),
            "message": ("First case", "text"),
            "column": ("Column", "text"),
            "rows": ("Rows", COUNT),
            "cents": ("Dollars at stake", EXACT),
            "file": ("File", "text"),
        },
        "problems",
    )

st.subheader("Take it with you", anchor=False)
left, right = st.columns(2)
with left:
    st.download_button(
        "Download all postings",
        data=lambda: as_csv(_journal()),
        file_name="postings.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="postings_download",
        help="The whole journal with claim numbers: keep it as you keep the export itself.",
    )
with right:
    plan = next((f.plan for f in ledger.files if f.plan is not None), None)
    if plan is not None:
        st.download_button(
            "Download the mapping",
            data=plan.to_json(),
            file_name="mapping.json",
            mime="application/json",
            on_click="ignore",
            icon=":material/download:",
            key="mapping_download",
            help="How the columns were read. Give it to the command line with --mapping.",
        )

st.subheader("Take the proof with you", anchor=False)
proof_pack(frame, Scope(), "All of the files", "data")
