"""Numbers as a spreadsheet shows them, for the formats that people use on phone numbers and postcodes."""

import re
from typing import Final

_SECTION: Final = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])+')
_CONDITION: Final = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")  # colours, languages
_TOKEN: Final = re.compile(r'"([^"]*)"|\\(.)|_(.)|([0#?])|([ \-+()])')


def digit_pattern(code: str) -> bool:
    """Tell whether a number format only places digits: `00000`, `0#" "##" "##`, `(###) ###-####`.

    General, plain `0`, and formats with decimals, thousands, exponents, per cent or dates are none.
    """
    return any(_tokens(section) for section in _SECTION.findall(code))


def shown(code: str, value: str) -> str | None:
    """Return a whole number's text under a digit pattern, or None where the pattern does not say.

    `value` is the number as the file has it. Source: ECMA-376 part 1, §18.8.31, number format codes.
    """
    if not re.fullmatch(r"\d{1,15}(?:\.0+)?", value):
        return None
    digits = str(int(value.split(".")[0]))
    section = _section_for(code, int(digits))
    tokens = _tokens(section) if section else None
    return _filled(tokens, digits) if tokens else None


def _section_for(code: str, number: int) -> str | None:
    sections = _SECTION.findall(code)
    for section in sections:
        condition = _CONDITION.search(section)
        if condition is None:
            return str(section)
        sign, bound = condition.group(1), float(condition.group(2))
        holds = {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
                 "=": number == bound, "<>": number != bound}  # fmt: skip
        if holds[sign]:
            return str(section)
    return None


def _tokens(section: str) -> list[tuple[bool, str]] | None:
    """Return (is a digit's place, text) in order; None where the section is no digit pattern worth the work."""
    section = _BRACKETS.sub("", section)
    tokens: list[tuple[bool, str]] = []
    position = 0
    while position < len(section):
        found = _TOKEN.match(section, position)
        if found is None:
            return None
        quoted, escaped, blank, place, literal = found.groups()
        if place:
            tokens.append((True, place))
        else:
            tokens.append((False, " " if blank else quoted or escaped or literal or ""))
        position = found.end()
    places = [text for is_place, text in tokens if is_place]
    return tokens if len(places) > 1 or (places and len(tokens) > 1) else None


def _filled(tokens: list[tuple[bool, str]], digits: str) -> str:
    # From the right; the leftmost place takes all digits that are left.
    out: list[str] = []
    left = sum(is_place for is_place, _ in tokens)
    for is_place, text in reversed(tokens):
        if not is_place:
            out.append(text)
            continue
        left -= 1
        if left == 0 and digits:
            out.append(digits)
        elif digits:
            digits, last = digits[:-1], digits[-1]
            out.append(last)
        elif text != "#":
            out.append("0" if text == "0" else " ")
    return "".join(reversed(out)).strip()
