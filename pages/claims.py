"""Claims: show me the rows."""

import numpy as np
import streamlit as st

from pages.frame import Frame, open_page
from pages.frame.filters import ordinal
from pages.frame.show import EXACT, given, no_longer_given, table
from writeoffs import measures, metrics, taxonomy, wording
from writeoffs.book import sum_by
from writeoffs.claims import card
from writeoffs.problems import BadRequest

frame: Frame = open_page("Claims", "Show me the rows behind a figure, down to one claim's dollars.")
ledger = frame.ledger
claims = frame.now.claims

FIGURES = [
    "billed",
    "paid",
    "contractual",
    "avoidable",
    "bad_debt",
    "discretionary",
    "review",
    "open",
    "patient_open",
    "out_of_pocket_owed",
    "unexplained",
]
categories = sorted({k.category for k in ledger.settled.book.kinds if k.entry == "write_off"})
options = [*FIGURES, *[c for c in categories if c not in FIGURES]]
names = [str(c) for c in ledger.cube["payer"].cat.categories]
if "about" in st.query_params:
    no_longer_given()
    asked = st.query_params["about"]
    st.session_state["claims_about"] = asked if asked in options else "billed"
    of = ordinal(st.query_params.get("of", ""))
    st.session_state["claims_payer"] = of if of is not None and of < len(names) else None
    st.session_state["claims_since"] = (asked, ordinal(st.query_params.get("since", "")))
    for key in ("about", "of", "since"):
        if key in st.query_params:
            del st.query_params[key]


def title_of(name: str) -> str:
    """A figure or a category, in words."""
    return measures.measure(name).title if name in measures.MEASURES else taxonomy.plain(name)


handed = given(frame)
if handed is not None:
    title, only, name = handed.title, None, ""
    claims = frame.everything
    known = handed.numbers >= 0
    cents = sum_by(handed.numbers[known], handed.cents[known], len(claims))
    st.button("Choose another figure", on_click=no_longer_given, icon=":material/arrow_back:")
    st.caption("As they were on the page that you came from; the filters do not change them.")
else:
    st.session_state.setdefault("claims_about", "billed")
    left, right = st.columns(2)
    with left:
        name = st.selectbox("Figure", options, format_func=title_of, key="claims_about")
    with right:
        only = st.selectbox(
            "Of payer",
            range(len(names)),
            index=None,
            format_func=names.__getitem__,
            placeholder="All in the selection",
            key="claims_payer",
        )

    # By posting month a claim belongs to each month in which something was posted on it; what is
    # owed belongs to the month of its charge.
    period = frame.selection.period
    by_posting = frame.selection.basis == "post" and period.name != "all"
    posted = (period.first, period.last) if by_posting else None
    try:
        cents = metrics.about(ledger, name, posted)
    except BadRequest:
        st.info("No claim in these data is about that figure.")
        st.stop()
    if posted and name not in ("open", "patient_open", "unexplained"):
        claims = frame.whole.claims
    about, since = st.session_state.get("claims_since", ("", None))
    if about == name and since is not None:
        claims = claims[claims["service_month"] >= since]
        st.caption(f"From {wording.month(since)} on. Choose another figure to see all months.")
    title = title_of(name)
listed = claims.assign(cents=cents[claims.index.to_numpy()], number=claims.index)
if handed is None:
    listed = listed[listed["cents"] != 0]
else:
    listed = listed[np.isin(listed["number"], handed.numbers)]
if only is not None:
    listed = listed[listed["payer"].cat.codes == only]
listed = listed.sort_values("cents", ascending=False, key=abs).reset_index(drop=True)
total = int(listed["cents"].sum())
st.subheader(
    wording.md(f"{title}: {wording.dollars(total, True)} on {wording.count(len(listed), 'claim')}"),
    anchor=False,
)
st.caption("Largest first. Choose a row to see that claim from charge to zero.")
ids = st.toggle("Show patient identifiers", key="claims_ids")
columns = {
    "claim": ("Claim", "text"),
    **({"patient": ("Patient", "text")} if ids else {}),
    "day": ("Service date", "text"),
    "payer": ("Payer", "text"),
    "provider": ("Provider", "text"),
    "cents": (title, EXACT),
    "billed": ("Billed", EXACT),
    "insurer_paid": ("Insurer paid", EXACT),
    "patient_paid": ("Patient paid", EXACT),
    "written_off": ("Written off", EXACT),
    "open": ("Still owed", EXACT),
}
if name in columns:
    columns.pop("cents")
if "provider" in listed and listed["provider"].isna().all():
    columns.pop("provider")
listed["day"] = listed["service_date"].dt.strftime("%Y-%m-%d")
chosen = table(listed, columns, "claims", select=True)
if chosen is not None:
    claim = listed.loc[chosen]
    st.subheader(wording.md(f"Claim {claim['claim']}, from charge to what is left"), anchor=False)
    rows = card(ledger.settled, int(claim["number"]))
    ENTRY = {
        "charge": "Charge",
        "insurer_payment": "Insurer paid",
        "patient_payment": "Patient paid",
        "payment": "Paid",
        "write_off": "Written off",
        "patient_share": "Assigned to the patient (memo)",
        "transfer": "Moved or pending (memo)",
        "provider_adjustment": "Cash outside the claim",
    }
    rows["what"] = rows["entry"].map(ENTRY)
    rows["why"] = [
        f"{taxonomy.plain(c)} ({r})"
        if r and c
        else taxonomy.plain(c)
        if c and c != "service"
        else ""
        for c, r in zip(rows["category"], rows["reason"], strict=True)
    ]
    rows["day"] = rows["date"].dt.strftime("%Y-%m-%d")
    table(
        rows,
        {
            "day": ("Posted", "text"),
            "what": ("What", "text"),
            "why": ("Why", "text"),
            "amount": ("Amount", EXACT),
            "left": ("Left", EXACT),
            "file": ("File", "text"),
            "row": ("Row", "count"),
        },
        "claim_card",
    )
    open_now = int(claim["open"])
    words = "Nothing is left." if not open_now else f"{wording.dollars(open_now, True)} is left."
    st.markdown(wording.md(words))
