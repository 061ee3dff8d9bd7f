"""Names of columns for formats that need each to be there once."""

from collections.abc import Sequence


def unique_names(header: Sequence[str]) -> list[str]:
    """Return the names with `column_3` for an empty third one, and `_2`, `_3` … behind one that was there before."""
    own = set(header)
    names: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(header, 1):
        name = name or f"column_{number}"
        candidate, count = name, 2
        while candidate in taken or (candidate != header[number - 1] and candidate in own):
            candidate, count = f"{name}_{count}", count + 1
        taken.add(candidate)
        names.append(candidate)
    return names
