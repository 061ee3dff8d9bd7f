"""The sentences of an import, by the words that are stored: why a row is rejected, what was repaired, what a file is."""

from typing import Final

from bulk_lookup.core.phone import Reason, Repair
from bulk_lookup.engine.take_sample import Sample

REASONS: Final[dict[str, str]] = {
    Reason.EMPTY: "Empty",
    Reason.NOT_A_NUMBER: "Not a number",
    Reason.DAMAGED: "Digits lost in a spreadsheet",
    Reason.NO_COUNTRY: "No country and no plus",
    Reason.BAD_COUNTRY_CODE: "No country has this calling code",
    Reason.TOO_SHORT: "Too short",
    Reason.TOO_LONG: "Too long",
    Reason.WRONG_LENGTH: "Wrong length",
    Reason.NO_AREA_CODE: "No area code",
    Reason.POSSIBLE_BUT_NOT_VALID: "Possible, but not in use",
}
"""Why a row is rejected."""

REPAIRS: Final[dict[str, str]] = {
    Repair.LOST_PLUS: "Lost plus put back",
    Repair.INTERNATIONAL_PREFIX: "00 read as +",
    Repair.TRUNK_ZERO: "(0) removed",
    Repair.SCIENTIFIC_NOTATION: "Scientific notation written out",
    Repair.TRAILING_ZERO: "Trailing .0 removed",
    Repair.THOUSANDS_SEPARATORS: "Thousands separators removed",
    Repair.SPREADSHEET_TEXT: "Spreadsheet's marks removed",
    Repair.TEL_URI: "tel: removed",
    Repair.VANITY: "Letters read as digits",
    Repair.UNICODE_DIGITS: "Digits of another script",
    Repair.INVISIBLE_MARKS: "Invisible marks removed",
    Repair.EXTENSION_CUT: "Extension kept aside",
    Repair.ALTERNATIVE_CUT: "Other ending left out",
    Repair.WORDS_CUT: "Words left out",
}
"""What was done to a cell so that its number could be read."""

ROW_PROBLEMS: Final[dict[str, str]] = {
    "too_few_cells": "have too few cells; the missing ones are empty",
    "too_many_cells": "have too many cells; the surplus stands in the last one",
    "unclosed_quote": "have a quotation mark that is never closed; it was kept as a character",
    "cell_too_long": "have a cell that is too long and was cut",
    "line_too_long": "are too long and were cut",
    "nul": "had NUL characters, which were taken out",
    "undecodable": "have bytes that are no text in the file's encoding; save the file as UTF-8 if it matters",
    "not_json": "are no JSON and stand as text in the column unreadable_line",
    "not_an_object": "are no JSON objects and stand as text in the column unreadable_line",
}
"""What was wrong with rows of the file, by the words of `lib.tables.batch`; continues "12 rows …"."""

_ENCODINGS: Final = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "ascii": "ASCII"}
_DELIMITERS: Final = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars", ":": "colons", " ": "blanks"}


def sentence_case(word: str, words: dict[str, str]) -> str:
    """The sentence of a stored word; a word that has none yet is shown as it is."""
    return words.get(word) or word.replace("_", " ").capitalize()


def in_a_row(word: str, words: dict[str, str]) -> str:
    """The same behind another word, in lower case but for what is written in capitals."""
    text = sentence_case(word, words)
    return text[:1].lower() + text[1:]


def format_sentence(sample: Sample) -> str:
    """How a file is written: "Windows-1252, separated by semicolons, with a header."."""
    head = "with a header" if sample.header is not None else "without a header"
    if sample.kind == "xlsx":
        return f"Excel workbook, sheet {sample.sheet}, {head}."
    if sample.kind == "jsonl":
        return "JSON Lines."
    encoding = _ENCODINGS.get(sample.encoding, sample.encoding.upper())
    if sample.delimiter is None:
        return f"{encoding}, one column, {head}."
    return f"{encoding}, separated by {_DELIMITERS.get(sample.delimiter, sample.delimiter)}, {head}."
