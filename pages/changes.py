"""What changed: what is no longer as it was in months that were closed?"""

from typing import NamedTuple

import streamlit as st

from pages import page
from pages.frame import Frame, open_page, state
from pages.frame.show import COUNT, EXACT, TEXT, figure, table, theme
from writeoffs import changes, charts, wording
from writeoffs.compare import Comparison
from writeoffs.keeping import NotKept
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.reading import SUFFIXES, load_all, posted_like

frame: Frame = open_page(
    "What changed", "Which dollars of past months are not what they were in an older export?", False
)
data = state.judged()

MONTHS_BACK = 2


class Pair(NamedTuple):
    """Two ledgers to compare, and what the older one is called."""

    title: str
    old: Ledger
    new: Ledger


def pairs() -> dict[str, Pair]:
    """What can be compared in this session, the likeliest first."""
    out = {}
    before, older, opened = state.before(), state.older(), state.opened()
    if older is not None:
        out["older"] = Pair(f"the older export {older.label}", older.raw, data.raw)
    if opened is not None and opened.work.before is not None:
        title = f"{opened.name} before its last addition"
        out["workspace"] = Pair(title, opened.work.before, opened.work.ledger)
    if before is not None and not data.sample:
        out["before"] = Pair(f"{before.label}, shown before", before.raw, data.raw)
    return out


def choose_older() -> None:
    """Read an older export for this page alone."""
    found = st.file_uploader(
        "The older export: all its files at once",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        key=f"older_{st.session_state.get('older_round', 0)}",
        max_upload_size=200,
        help="Read in this tab's memory and kept nowhere. It is shown on no other page.",
    )
    if not found:
        return
    label = found[0].name if len(found) == 1 else f"{found[0].name} and {len(found) - 1} more"
    with st.spinner("Reading …"):
        try:
            tables = [one for file in found for one in load_all((file.name, file.getvalue()))]
            ledger = posted_like(tables, data.raw)
        except (Unreadable, BadRequest, NotKept) as error:
            st.error(wording.md(error.in_words))
            return
    state.set_older(state.Data(ledger, label, False, ledger))
    st.session_state["older_round"] = st.session_state.get("older_round", 0) + 1
    st.session_state.pop("changes_pair", None)
    st.rerun()


def older_state() -> None:
    """How the older export was read, and the way to drop it."""
    older = state.older()
    if older is None:
        return
    ledger = older.ledger
    counted = f"{ledger.rows_read - ledger.rows_held:,} of {ledger.rows_read:,} rows counted"
    held = f", {wording.dollars(ledger.held_cents, True)} held" if ledger.rows_held else ""
    st.caption(wording.md(f"Older export: {older.label}. {counted}{held}."))
    if st.button("Drop the older export", key="older_drop"):
        state.set_older(None)
        st.session_state.pop("changes_pair", None)
        st.rerun()


def sample_pair() -> Pair:
    """The sample practice as it stood, which is worked out once a session."""
    ledger = data.raw
    kept = st.session_state.get("sample_older")
    if kept is None or kept[0] is not ledger:
        assert ledger.as_of is not None  # the sample has dates
        kept = (ledger, ledger.at(changes.month_end(ledger.as_of, MONTHS_BACK)))
        st.session_state["sample_older"] = kept
    return Pair("the sample as it stood", kept[1], ledger)


def show(found: Comparison) -> None:
    """The sentence, why, what it comes to, and every change."""
    st.subheader(wording.md(changes.sentence(found)), anchor=False)
    if words := changes.net(found):
        st.markdown(wording.md(words))
    st.caption(wording.md(changes.closed(found)))
    for doubt in changes.doubts(found):
        st.warning(wording.md(doubt))
    if not len(found.entries):
        return
    bars = changes.by_why(found)
    if len(bars):
        figure(
            charts.shares(bars, highlight=str(bars["label"].iloc[0]), theme=theme()),
            "causes",
            changes.title(found),
            "Changed charges, payments and write-offs of closed months, by why",
            "Each change counts by its size, up or down. What is only assigned to patients or "
            "moved about is in the tables and in no bar: it changes no balance.",
        )
        for row in bars.itertuples():
            st.markdown(f"- **{wording.md(row.label)}**: {wording.md(row.means)}")
    shape = {"old": ("Then", EXACT), "new": ("Now", EXACT), "change": ("Change", EXACT)}
    st.subheader("What the closed months come to", anchor=False)
    st.caption(
        "Step by step: of one kind of money, each row goes on from the one above, from then to now."
    )
    columns = {"what": ("What", TEXT), "why": ("Why", TEXT), "rows": ("Changes", COUNT), **shape}
    table(changes.by_entry_and_why(found), columns, "closed_months")
    if not len(found.changes):
        return
    listed = changes.listed(found)
    st.subheader(f"Every change: {wording.count(len(listed), 'row')}", anchor=False)
    st.caption(
        "Largest first. Where several things happened to one figure of a claim, each has a row "
        "that goes on from the one before."
    )
    names = {"claim": ("Claim", TEXT), "when": ("Service month", TEXT), "what": ("What", TEXT)}
    table(listed, {**names, **shape, "why": ("Why", TEXT)}, "changes")


if data.sample:
    pair = sample_pair()
    st.info(
        wording.md(
            f"A demonstration on the made-up practice: as it stood on {pair.old.as_of}, against "
            "now. With your own files you compare last month's export with this month's."
        )
    )
    st.page_link(page("data"), label="Upload your own files")
    show(state.compared(pair.old, pair.new))
else:
    found_pairs = pairs()
    if found_pairs:
        st.session_state.setdefault("changes_pair", next(iter(found_pairs)))
        if st.session_state["changes_pair"] not in found_pairs:
            st.session_state["changes_pair"] = next(iter(found_pairs))
        chosen = st.selectbox(
            "Compare what is shown now with",
            list(found_pairs),
            format_func=lambda key: found_pairs[key].title,
            key="changes_pair",
            persist_state="session",
        )
        older_state()
        pair = found_pairs[chosen]
        show(state.compared(pair.old, pair.new))
        with st.expander("Compare with another older export"):
            choose_older()
    else:
        st.markdown(
            "Choose the export that you had before, and see every dollar that is not what it was."
        )
        choose_older()
