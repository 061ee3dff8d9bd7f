"""The wizard's steps as its head shows them."""

from django.urls import reverse

from bulk_lookup.models import Import, Upload

_WORDS = ("File", "Columns", "Report", "Quote")


def wizard_steps(now: str, *, upload: Upload | None = None, imported: Import | None = None) -> list[dict[str, str]]:
    """The four steps, those before `now` done; a done one leads back to where that is still possible."""
    place = _WORDS.index(now)
    addresses = {"File": reverse("imports_new")}
    if upload is not None and imported is None:
        addresses["Columns"] = reverse("imports_columns", args=[upload.pk])
    if imported is not None:
        addresses["Report"] = reverse("import", args=[imported.pk])
    states = ["done" if one < place else "now" if one == place else "next" for one in range(len(_WORDS))]
    return [
        {"word": word, "state": state, "url": addresses.get(word, "")}
        for word, state in zip(_WORDS, states, strict=True)
    ]
