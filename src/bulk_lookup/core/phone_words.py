"""The words in which a cell's fate is told: why it was rejected, and what was repaired to read it."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a cell holds no number that could be looked up."""

    EMPTY = "empty"  # nothing written, or a word for nothing such as "n/a"
    NOT_A_NUMBER = "not_a_number"  # words, dates, amounts, addresses; or digits mixed with letters
    DAMAGED = "damaged"  # was a number: digits rounded away by a spreadsheet, masked, or cut off
    NO_COUNTRY = "no_country"  # written nationally, and nobody says of which country
    BAD_COUNTRY_CODE = "bad_country_code"  # no country has this calling code
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    WRONG_LENGTH = "wrong_length"  # between two lengths that the country uses
    NO_AREA_CODE = "no_area_code"  # could be dialled inside its town only
    POSSIBLE_BUT_NOT_VALID = "possible_but_not_valid"  # right length, but no such range is in use


class Repair(StrEnum):
    """What was done to a cell so that its number could be read; a clean cell needs none."""

    LOST_PLUS = "lost_plus"  # began with the default country's calling code
    INTERNATIONAL_PREFIX = "international_prefix"  # 00 read as a plus
    TRUNK_ZERO = "trunk_zero"  # "(0)" after the calling code left out
    SCIENTIFIC_NOTATION = "scientific_notation"
    TRAILING_ZERO = "trailing_zero"  # ".0" of a spreadsheet left out
    THOUSANDS_SEPARATORS = "thousands_separators"
    SPREADSHEET_TEXT = "spreadsheet_text"  # leading apostrophe, or a formula around the text
    TEL_URI = "tel_uri"
    VANITY = "vanity"  # 1-800-FLOWERS
    UNICODE_DIGITS = "unicode_digits"  # full-width, Arabic and other digits
    INVISIBLE_MARKS = "invisible_marks"  # direction marks, zero-width characters, NULs
    EXTENSION_CUT = "extension_cut"
    ALTERNATIVE_CUT = "alternative_cut"  # the /130 of 129/130
    WORDS_CUT = "words_cut"  # words, or other numbers that are none, before or behind
