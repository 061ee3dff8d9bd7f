"""The tags of the design system: `{% load ui %}` gives all of them. docs/design-system.md shows each in use."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bulk_lookup.web.templatetags import figures
from bulk_lookup.web.templatetags.bars import Segment, Tick, as_segment, place, rectangles
from bulk_lookup.web.templatetags.statuses import look_of

register = template.Library()


@register.filter
def grouped(number: int | None) -> str:
    """`{{ total|grouped }}`: "212,480"."""
    return figures.grouped(number)


@register.filter
def price(micros: int | None) -> str:
    """`{{ price.amount_micros|price }}`: the price of one, with three or four decimals."""
    return figures.price_text(micros)


@register.filter
def file_size(size: int | None) -> str:
    """`{{ upload.size|file_size }}`: "8.4 MB"."""
    return figures.size_text(size)


@register.filter
def duration(seconds: float | None) -> str:
    """`{{ run.seconds|duration }}`: "312 ms", "4 min 7 s"."""
    return figures.duration_text(seconds)


@register.filter
def money(micros: int | None, currency: str = "") -> str:
    """`{{ run.spent_micros|money:"USD" }}`: a sum with its currency behind it, lighter."""
    text = figures.money_text(micros)
    return format_html('{}\N{NO-BREAK SPACE}<span class="currency">{}</span>', text, currency) if currency else text


@register.filter
def percent(part: float | None, whole: float | None = 100) -> str:
    """`{{ done|percent:total }}`: "60.6 %"."""
    return figures.share_text(part, whole)


@register.filter
def whole_percent(part: float | None, whole: float | None = 100) -> str:
    """`{{ spent|whole_percent:budget }}`: "51 %", for words beside a bar."""
    return figures.share_text(part, whole, 0)


@register.filter
def phone(e164: str | None) -> str:
    """`{{ contact.formatted_phone_number|phone }}`: grouped, and left to right whatever the page's direction."""
    return format_html('<bdi class="phone" dir="ltr">{}</bdi>', figures.phone_text(e164)) if e164 else figures.UNKNOWN


@register.filter
def or_none(value: Any) -> str:
    """`{{ contact.carrier|or_none }}`: the text, or the dash for what is not known."""
    return format_html('<span class="none">{}</span>', figures.UNKNOWN) if value in (None, "") else value


@register.filter
def clock(moment: datetime | None) -> str:
    """`{{ when|clock }}`: 14:36:12 in the viewer's zone."""
    return figures.clock_text(timezone.localtime(moment)) if moment else figures.UNKNOWN


@register.filter
def moment(when: datetime | None) -> str:
    """`{{ when|moment }}`: 23 Nov 2026, 14:36:12 in the viewer's zone."""
    return figures.moment_text(timezone.localtime(when)) if when else figures.UNKNOWN


@register.filter
def day(when: date | datetime | None) -> str:
    """`{{ when|day }}`: 3 Oct 2026."""
    if when is None:
        return figures.UNKNOWN
    return figures.day_text(timezone.localtime(when) if isinstance(when, datetime) else when)


@register.simple_tag
def age(when: datetime | None, now: datetime | None = None) -> str:
    """`{% age contact.looked_up_at %}`: "6 days ago", the exact time on hover; kept true while the page is open."""
    if when is None:
        return figures.UNKNOWN
    local, present = timezone.localtime(when), timezone.localtime(now or timezone.now())
    text = figures.age_text(local, present)
    exact = figures.moment_text(local)
    return format_html('<time datetime="{}" title="{}" data-age>{}</time>', local.isoformat(), exact, text)


@register.simple_tag
def icon(name: str, extra: str = "", title: str = "") -> SafeString:
    """`{% icon "play" %}`, `{% icon "phone" "icon--14" title="Landline" %}`. Names: frontend/icons.txt.

    Without a title it is decoration: the word stands beside it. The one for what goes on turns, wherever it stands.
    """
    label = format_html('role="img" aria-label="{}"', title) if title else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {} fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">'
        '<use href="{}#{}"></use></svg>',
        f"{extra} icon--turning" if name == "loader-circle" else extra,
        label,
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("ui/tag.html")
def tag(
    status: str,
    why: str = "",
    since: datetime | None = None,
    word: str = "",
    extra: str = "",
    now: datetime | None = None,
) -> dict[str, Any]:
    """`{% tag contact.status why=reason since=contact.changed_at %}`: colour, icon and word; with a reason, a note.

    `extra` adds classes: tag--large, tag--note-below.
    """
    look = look_of(status)
    note = why
    if since is not None:
        present = timezone.localtime(now or timezone.now())
        stamp = f"since {figures.since_text(timezone.localtime(since), present)}"
        note = f"{why}, {stamp}" if why else stamp[0].upper() + stamp[1:]
    return {"look": look, "word": word or look.word, "note": note, "extra": extra}


@register.simple_tag
def status_icon(status: str, plain: bool = False) -> SafeString:
    """`{% status_icon "failed" %}`: only its icon, in its colour; `plain` leaves the colour to what is around it."""
    look = look_of(status)
    return icon(look.icon, "icon--14" if plain else f"icon--14 tinted--{look.tint}")


@register.filter
def initials(name: str) -> str:
    """Maya Okafor as "MO", maya@harborpine.example as "M"."""
    words = name.split("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.inclusion_tag("ui/verdict.html")
def verdict(status: str, note: str = "", word: str = "") -> dict[str, Any]:
    """`{% verdict "repaired" "00 read as +" %}`: a row's verdict as words, without the tint."""
    look = look_of(status)
    return {"look": look, "word": word or look.word, "note": note}


@register.inclusion_tag("ui/bar.html")
def bar(
    segments: Iterable[Segment | Mapping[str, Any]],
    whole: float | None = None,
    text: str = "",
    thickness: int = 8,
    ticks: Iterable[Tick] = (),
    name: str = "Progress",
    role: str = "progressbar",
    id: str = "",
) -> dict[str, Any]:
    """`{% bar segments whole=run.total text="60.6 %, 231.58 of 400.00 USD" thickness=16 %}`: one bar of parts.

    `segments` are `bars.Segment`s or dictionaries with their fields. `ticks` are `bars.Tick`s. `role="img"` is for what is
    no progress. With an `id` its rectangles have ids too, and grow when a live update brings new ones.
    """
    parts = [as_segment(one) for one in segments]
    full = max(sum(part.value for part in parts), whole or 0)
    done = sum(part.value for part in parts if part.paint not in ("rest", "flight", "reserved"))
    marks = [(place(one.at, full), one.word) for one in ticks]
    return {
        "rectangles": rectangles(parts, whole),
        "text": text or figures.share_text(done, full),
        "now": round(100 * done / full) if full else 0,
        "thickness": thickness,
        "ticks": marks,
        "worded": any(word for _, word in marks),
        "name": name,
        "role": role,
        "id": id,
    }


@register.inclusion_tag("ui/legend.html")
def legend(segments: Iterable[Segment | Mapping[str, Any]], end: str = "") -> dict[str, Any]:
    """`{% legend segments %}`: the counts under a bar, each a link where its segment has an address."""
    return {"segments": [as_segment(one) for one in segments], "end": end}


@register.inclusion_tag("ui/ranked.html")
def ranked(segments: Iterable[Segment | Mapping[str, Any]], whole: float | None = None) -> dict[str, Any]:
    """`{% ranked carriers %}`: lines of word and figure with a bar each, against the largest, or against `whole`."""
    parts = [as_segment(one) for one in segments]
    most = whole or max((part.value for part in parts), default=0)
    return {"lines": [(part, rectangles([part], most)) for part in parts]}


@register.inclusion_tag("ui/squares.html")
def squares(ours: int, others: int = 0, ceiling: int = 0) -> dict[str, Any]:
    """`{% squares ours=38 others=14 ceiling=60 %}`: one square a request in flight; from 200 on each stands for several."""
    most = max(ours + others, ceiling)
    each = -(-most // 200) or 1
    counts = (("spent", ours), ("other", others), ("rest", max(0, ceiling - ours - others)))
    text = f"{ours} ours, {others} others, own ceiling {ceiling}"
    return {"squares": [paint for paint, count in counts for _ in range(-(-count // each))], "text": text, "each": each}


@register.inclusion_tag("ui/sparkline.html")
def sparkline(values: Iterable[float], text: str = "") -> dict[str, Any]:
    """`{% sparkline rates text="122 a second now" %}`: a line without axes, at most as many points as values."""
    points = list(values)
    most = max(points, default=0) or 1
    across = max(1, len(points) - 1)
    line = " ".join(f"{100 * place / across:.1f},{38 - 36 * value / most:.1f}" for place, value in enumerate(points))
    return {"line": line, "text": text}


@register.inclusion_tag("ui/chart.html")
def chart(id: str, spec: Mapping[str, Any], summary: str, size: str = "") -> dict[str, Any]:
    """`{% chart "spend-by-day" spec "231.58 USD on 23 Nov, the most." %}`: the canvas, and its table as real HTML.

    `spec`: kind (bar, line, doughnut), labels, series (label, data, paint), and of titles, urls, stacked, unit, decimals,
    area, name, simulated what there is; frontend/scripts/chart-spec.ts has all. `size`: tall, small.
    The page also loads `charts.js`: `{% block scripts %}{% chart_scripts %}{% endblock %}`.
    """
    titles = spec.get("titles") or spec["labels"]
    decimals = int(spec.get("decimals", 0))
    series = spec["series"]
    urls = spec.get("urls") or [""] * len(titles)
    rows = [
        (title, url, [_cell(one["data"][row], decimals) for one in series])
        for row, (title, url) in enumerate(zip(titles, urls, strict=True))
    ]
    return {
        "id": id,
        "json": _data_block(spec),
        "series": series,
        "rows": rows,
        "summary": summary,
        "size": size,
        "spec": spec,
    }


@register.inclusion_tag("ui/chart_switch.html")
def chart_switch(id: str) -> dict[str, Any]:
    """`{% chart_switch "spend-by-day" %}`: chart or table, and the picture, for the head of the chart's panel."""
    return {"id": id}


@register.simple_tag
def chart_scripts() -> SafeString:
    """The script that draws charts, for the `scripts` block of a page that has some."""
    return format_html('<script src="{}" defer></script>', static("charts.js"))


@register.inclusion_tag("ui/pager.html")
def pager(first: int, last: int, total: str | int, before: str = "", after: str = "") -> dict[str, Any]:
    """`{% pager first=4011 last=4025 total=60000 before=url after=url %}`: "Rows 4,011–4,025 of 60,000", Previous, Next."""
    return {"first": first, "last": last, "total": total, "before": before, "after": after}


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> SafeString:
    """`{% again "title" %}`: what a block says, a second time in the same page, as text."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    # What a template has written is escaped already.
    return mark_safe(block.nodelist.render(context).strip() if block else "")  # noqa: S308


@register.simple_tag(takes_context=True)
def current(context: Context, name: str) -> SafeString:
    """`aria-current` for the link to the section that the shown page belongs to: by its address' name or its beginning."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    section = context.get("section") or (match.url_name if match else "") or ""
    here = (
        section == name
        or section.startswith((f"{name}_", f"{name.removesuffix('s')}_"))
        or section == name.removesuffix("s")
    )
    return mark_safe('aria-current="page"' if here else "")  # noqa: S308


def _cell(value: float | None, decimals: int) -> str:
    return figures.UNKNOWN if value is None else f"{value:,.{decimals}f}"


def _data_block(spec: Mapping[str, Any]) -> SafeString:
    """JSON that cannot end its script element, as Django's own json_script makes it."""
    text = json.dumps(spec, separators=(",", ":"), ensure_ascii=False)
    return mark_safe(text.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}))  # noqa: S308
