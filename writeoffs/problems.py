"""Bad data is a value: what was found, where, and how many dollars are at stake.

A reader never raises for a row it cannot use; it returns a Problem and goes on. Only a file of
which nothing can be used raises, and then with one sentence that says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

# The closed list of kinds: name -> (are the rows held?, what it means in plain words).
KINDS: Final[dict[str, tuple[bool, str]]] = {
    # the file as a whole (refused)
    "empty_file": (True, "The file holds nothing."),
    "no_rows": (True, "The file has a heading and no rows."),
    "no_header": (True, "The first row looks like data, not headings."),
    "no_money": (True, "No column could be read as money."),
    "unclosed_quote": (True, "A quotation mark opens and never closes."),
    "html_not_excel": (True, "A web page saved under an Excel name."),
    "encrypted_or_broken_ole": (True, "An Excel file with a password, or damaged."),
    "bad_workbook": (True, "A workbook that cannot be opened."),
    "unpacked_too_large": (True, "A small file that unpacks to an absurd size."),
    "sheet_too_wide": (True, "A sheet with more columns than any export has."),
    "xml_entities": (True, "A workbook built to exhaust memory."),
    "unsafe_name": (True, "A zip whose members point outside it."),
    "bad_parquet": (True, "A Parquet file that cannot be read."),
    "bad_archive": (True, "A zip or gzip that cannot be unpacked whole."),
    "encrypted_archive": (True, "A zip with a password."),
    "not_supported": (True, "A kind of file that this version does not read."),
    # rows that are held: read by nobody, in no figure, with their dollars named
    "field_count": (True, "Rows with too many or too few fields."),
    "nul_byte": (True, "Rows with a NUL character inside."),
    "amount_unreadable": (True, "Text or an unreadable number where money should stand."),
    "amount_implausible": (True, "An amount of absurd size."),
    "charge_missing": (True, "A blank charge beside other amounts."),
    "date_unreadable": (True, "A date that cannot be read or cannot be."),
    "id_damaged_by_excel": (True, "A claim number that a spreadsheet rounded."),
    "duplicate_row": (True, "A row that repeats another exactly."),
    "type_unknown": (True, "A transaction type that says nothing this program knows."),
    "formula_without_value": (True, "A formula cell whose value was never stored."),
    # rows that are counted and flagged
    "parts_do_not_sum": (False, "The parts of a row do not add up to its charge."),
    "identity_broken_all_rows": (False, "The parts add up on hardly any row."),
    "balance_differs": (False, "The balance the file states is not what its parts leave."),
    "total_row_differs": (False, "A total row that its rows do not add up to."),
    "duplicate_claim_conflict": (False, "One claim number, two different rows."),
    "paid_above_billed": (False, "Paid more than was billed: a credit."),
    "charge_zero_with_payment": (False, "Nothing billed, yet something paid."),
    "negative_write_off": (False, "A negative write-off beside a positive charge."),
    "unclassified_write_off": (False, "Write-offs whose reason is not known."),
    "refund_party_unknown": (False, "A refund that does not say to whom."),
    "incomplete_claim": (False, "Money on a claim whose charge is not in the data."),
    "one_transfer_leg": (False, "A transfer of which only one side is in the data."),
    "balance_billed": (False, "More was moved to the patient than the payers assigned."),
    "prior_payer_offset": (False, "An offset for another payer's money that is not in the data."),
    # remittances: counted and flagged
    "835_unbalanced": (False, "A remittance whose own figures do not add up."),
    "835_line_unbalanced": (False, "A remittance's service lines that do not add up."),
    "835_share_differs": (False, "A patient share stated twice, with two amounts."),
    "second_payer_repeats": (False, "A later payer repeated what an earlier one wrote off."),
    "adjudicated_again": (False, "A payer paid a claim twice without a reversal."),
    "reversal_without_original": (False, "A reversal whose original is not in the data."),
    "takeback_unmatched": (False, "Money taken back for no claim in the data."),
    "remittance_differs": (False, "A remittance and the practice's own books differ."),
    "reinstated_bad_debt": (False, "A patient paid after the debt was written off."),
    # questions that the program answered itself, and shows
    "unmapped_money": (False, "A money column that nobody has named yet."),
    "duplicate_column": (False, "Two columns with one heading."),
    "decimal_comma": (False, "Amounts written with a decimal comma."),
    "date_order": (False, "Dates that read both as month-day and as day-month."),
    "dates_not_read": (False, "A column of dates that could not be read."),
    "summary_beside_detail": (False, "A summed report of a time that another file has in detail."),
    "repeated_rows": (False, "Rows that repeat another exactly, and may be two events."),
    "already_loaded": (False, "A file or rows that were already counted."),
    "told_twice": (False, "The same payments or write-offs in two files; counted once."),
    "files_differ": (False, "Two files that tell one thing with different dollars; one counts."),
    "name_not_found": (False, "Rows whose payer or provider no other file names."),
    "names_disagree": (False, "Two ways to a name that disagree; neither is used."),
    "not_used": (False, "A file without countable money whose names nothing needs."),
}


@dataclass(frozen=True)
class Problem:
    """One finding.

    ``rows`` are 1-based data rows of ``file``; ``cents`` the dollars at stake for each, in the
    same order. ``message`` is one sentence for a person; it quotes at most one short cell and
    never an identifier.
    """

    kind: str
    message: str
    file: str = ""
    column: str | None = None
    rows: tuple[int, ...] = ()
    cents: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise KeyError(f"unknown problem kind {self.kind!r}")

    @property
    def held(self) -> bool:
        """Whether its rows are left out of every figure."""
        return KINDS[self.kind][0]

    @property
    def amount(self) -> int:
        """Cents at stake."""
        return sum(self.cents)

    def in_file(self, name: str) -> Problem:
        """The same finding, said of another file name."""
        return replace(self, file=name)


class WriteoffsError(ValueError):
    """Root of what this package raises; the message says what happened and what to do."""

    @property
    def in_words(self) -> str:
        """The message as sentences for a page: what happened, then what to do."""
        said = str(self).replace("\n\nHint: ", ". ").replace(" Hint: ", " ")
        sentences = [one[:1].upper() + one[1:] for one in said.split(". ")]
        return ". ".join(sentences).rstrip(".") + "."


class Unreadable(WriteoffsError):
    """A file of which nothing can be used."""

    def __init__(self, kind: str, message: str, hint: str, file: str = "") -> None:
        self.problem = Problem(kind, message, file=file)
        super().__init__(f"{file + ': ' if file else ''}{message}\n\nHint: {hint}")
        self.hint = hint


class BadRequest(WriteoffsError):
    """A call that cannot be answered: an unknown dimension, measure or option."""
