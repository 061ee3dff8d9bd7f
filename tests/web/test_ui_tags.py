"""The tags of the design system: what they write for given figures, and that nothing a person or a provider wrote gets out."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Engine
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import bulk_lookup.web
from bulk_lookup.web.templatetags import figures
from bulk_lookup.web.templatetags.bars import LEAST, Segment, Tick, rectangles
from bulk_lookup.web.templatetags.statuses import LOOKS, look_of

TEMPLATES = Path(bulk_lookup.web.__file__).parent / "templates"
ENGINE = Engine(
    dirs=[TEMPLATES],
    libraries={"ui": "bulk_lookup.web.templatetags.ui", "static": "django.templatetags.static"},
)
NOW = datetime(2026, 11, 23, 14, 36, 12, tzinfo=UTC)
SCRIPT = '<script>alert("1")</script>'


def written(source: str, **context: Any) -> str:
    """What a template writes, with its line breaks and runs of spaces made one."""
    text = ENGINE.from_string("{% load ui %}" + source).render(Context(context))
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " ")).strip()


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (32_032, 52_816, "60.6 %"),
        (0, 10, "0.0 %"),
        (1, 1_000_000, "0.1 %"),  # begun
        (999_999, 1_000_000, "99.9 %"),  # not complete
        (10, 10, "100.0 %"),
        (3, 0, "–"),  # of nothing
        (3, None, "–"),
        (None, 3, "–"),
    ],
)
def test_a_share_says_neither_done_nor_nothing_before_it_is_true(part: Any, whole: Any, said: str) -> None:
    assert written("{{ part|percent:whole }}", part=part, whole=whole) == said


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_0_or_100_only_at_the_ends(part: int, whole: int) -> None:
    part = min(part, whole)
    said = figures.share_text(part, whole)

    assert said.startswith("0.0") == (part == 0)
    assert said.startswith("100") == (part == whole)


@pytest.mark.parametrize(
    ("micros", "said"),
    [(612_840_000, "612.84"), (1_200_000_000, "1,200.00"), (5_000, "0.01"), (4_999, "0.00"), (0, "0.00"), (None, "–")],
)
def test_a_sum_has_two_decimals(micros: int | None, said: str) -> None:
    assert written("{{ micros|money }}", micros=micros) == said


def test_a_currency_stands_behind_its_amount() -> None:
    assert written('{{ micros|money:"USD" }}', micros=96_350_000) == '96.35 <span class="currency">USD</span>'
    assert written("{{ micros|money:currency }}", micros=1, currency=SCRIPT).count("<script") == 0


@pytest.mark.parametrize(
    ("micros", "said"), [(8_000, "0.008"), (7_300, "0.0073"), (0, "0.000"), (10_000, "0.010"), (None, "–")]
)
def test_a_price_has_three_decimals_and_a_fourth_where_it_needs_one(micros: int | None, said: str) -> None:
    assert written("{{ micros|price }}", micros=micros) == said


def test_numbers_are_grouped_and_what_is_unknown_is_no_nought() -> None:
    assert written("{{ n|grouped }}", n=1_234_567) == "1,234,567"
    assert written("{{ n|grouped }}", n=0) == "0"
    assert (
        written("{{ n|grouped }} {{ n|clock }} {{ n|day }} {{ n|duration }} {{ n|file_size }}", n=None) == "– – – – –"
    )
    assert written("{{ carrier|or_none }}", carrier="") == '<span class="none">–</span>'
    assert written("{{ carrier|or_none }}", carrier=SCRIPT).count("<script") == 0


@pytest.mark.parametrize(
    ("e164", "said"),
    [("+12025550143", "+1 202 555 0143"), ("+447700900147", "+44 7700 900147"), ("+493023125118", "+49 30 23125118")],
)
def test_a_phone_number_is_grouped_and_kept_from_left_to_right(e164: str, said: str) -> None:
    assert written("{{ e164|phone }}", e164=e164) == f'<bdi class="phone" dir="ltr">{said}</bdi>'


def test_a_phone_number_that_cannot_be_read_stays_as_it_is() -> None:
    assert written("{{ raw|phone }}", raw="12") == '<bdi class="phone" dir="ltr">12</bdi>'
    assert "<script" not in written("{{ raw|phone }}", raw=SCRIPT)
    assert written("{{ raw|phone }}", raw="") == "–"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=3), "now"),
        (timedelta(minutes=6), "6 min ago"),
        (timedelta(hours=4), "10:36"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=30), "30 days ago"),
        (timedelta(days=51), "3 Oct 2026"),
        (timedelta(days=-2), "25 Nov 2026"),  # ahead: no age
    ],
)
def test_an_age_is_told_as_people_tell_it(ago: timedelta, said: str) -> None:
    assert figures.age_text(NOW - ago, NOW) == said


def test_an_age_has_its_exact_time_in_the_viewers_zone() -> None:
    with timezone.override("Europe/Berlin"):
        text = written("{% age when now %}", when=NOW - timedelta(days=6), now=NOW)

    assert text == (
        '<time datetime="2026-11-17T15:36:12+01:00" title="17 Nov 2026, 15:36:12" data-age>6 days ago</time>'
    )


def test_the_day_is_the_viewers() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    with timezone.override("Europe/Berlin"):
        assert written("{{ late|day }}, {{ late|clock }}", late=late) == "24 Nov 2026, 00:30:00"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.312, "312 ms"), (1.24, "1.2 s"), (59, "59 s"), (247, "4 min 7 s"), (3_600, "1 h"), (7_500, "2 h 5 min")],
)
def test_a_duration_has_two_units_at_most(seconds: float, said: str) -> None:
    assert written("{{ seconds|duration }}", seconds=seconds) == said


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (8_400_000, "8.4 MB"), (2_000_000_000, "2.0 GB")]
)
def test_a_size_is_told_in_the_unit_that_fits(size: int, said: str) -> None:
    assert written("{{ size|file_size }}", size=size) == said


def test_a_status_without_a_reason_is_colour_icon_and_word() -> None:
    text = written('{% tag "failed" %}')

    assert text.startswith('<span class="tag tag--failed')
    assert "#circle-x" in text
    assert "Failed</span>" in text


def test_a_status_with_a_reason_is_a_button_that_says_why_and_since_when() -> None:
    text = written("{% tag 'failed' why='Provider timed out' since=since now=now %}", since=NOW, now=NOW)

    assert text.startswith('<button type="button" class="tag tag--failed')
    assert 'aria-description="Provider timed out, since 14:36:12"' in text


def test_a_reason_cannot_leave_its_attribute() -> None:
    text = written("{% tag 'failed' why=why %}", why='"><script>')

    assert "<script" not in text
    assert 'aria-description="&quot;&gt;&lt;script&gt;"' in text


def test_a_status_nobody_knows_shows_its_own_word_and_claims_nothing() -> None:
    assert look_of("on_fire").word == "On fire"
    assert look_of("on_fire").tint == "pending"


def test_no_two_tints_of_contacts_are_alike() -> None:
    states = ("pending", "processing", "completed", "failed", "invalid", "duplicate")

    assert len({LOOKS[state].tint for state in states}) == len({LOOKS[state].icon for state in states}) == 6


def test_an_icon_is_decoration_unless_it_has_a_title() -> None:
    assert 'aria-hidden="true"' in written('{% icon "play" %}')
    assert 'role="img" aria-label="Landline"' in written('{% icon "phone" title="Landline" %}')


PARTS = st.lists(st.builds(Segment, st.just("done"), st.integers(0, 10**9)), max_size=7)


@given(PARTS, st.integers(0, 10**9))
def test_a_bar_never_overflows_and_hides_nothing(parts: list[Segment], whole: int) -> None:
    drawn = rectangles(parts, whole)
    end = max((float(one.x[:-1]) + float(one.width[:-1]) for one in drawn), default=0)

    assert end <= 100.1
    assert len(drawn) == sum(part.value > 0 for part in parts)
    assert all(float(one.width[:-1]) >= LEAST - 0.01 for one in drawn)


def test_a_bar_is_in_proportion() -> None:
    one, two = rectangles([Segment("done", 30), Segment("failed", 10)], 80)

    assert [(one.x, one.width), (two.x, two.width)] == [("0.00%", "37.50%"), ("37.50%", "12.50%")]


def test_a_bar_says_its_figures_and_has_no_style() -> None:
    parts = [Segment("done", 32_032, "Completed"), Segment("rest", 20_784)]
    text = written(
        '{% bar parts text="60.6 %, 231.58 of 400.00 USD" ticks=ticks %}', parts=parts, ticks=[Tick(26_408, "today")]
    )

    assert 'role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" aria-valuenow="61"' in text
    assert 'aria-valuetext="60.6 %, 231.58 of 400.00 USD"' in text
    assert '<text x="50.00%"' in text
    assert "style=" not in text


def test_a_bar_of_nothing_is_an_empty_track() -> None:
    text = written("{% bar parts %}", parts=[])

    assert text.count("<rect") == 1
    assert 'aria-valuetext="–"' in text


def test_a_legend_leads_to_the_rows_behind_each_figure() -> None:
    text = written("{% legend parts %}", parts=[Segment("failed", 212, "Failed", "/contacts?status=failed")])

    assert '<a href="/contacts?status=failed">' in text
    assert "<strong>212</strong>" in text


def test_a_ranking_is_words_figures_and_bars() -> None:
    text = written(
        "{% ranked parts %}",
        parts=[{"paint": "chart-1", "value": 40, "word": SCRIPT}, {"paint": "chart-1", "value": 10}],
    )

    assert "<script" not in text
    assert 'width="100.00%"' in text
    assert 'width="25.00%"' in text


def test_requests_in_flight_are_squares_and_many_are_bundled() -> None:
    assert written("{% squares ours=38 others=14 ceiling=60 %}").count("<span") == 60
    assert written("{% squares ours=4000 others=0 ceiling=5000 %}").count("<span") == 200


SPEC = {
    "kind": "bar",
    "labels": ["18 Nov", SCRIPT],
    "series": [{"label": "Completed", "data": [9_260, None]}],
    "urls": ["/contacts?day=18", ""],
}


def test_a_chart_is_also_its_table() -> None:
    text = written('{% chart "timeline" spec "9,260 on 18 Nov." %}', spec=SPEC)

    assert '<a href="/contacts?day=18">18 Nov</a>' in text
    assert '<td class="end">9,260</td>' in text
    assert '<td class="end">–</td>' in text
    assert 'aria-label="9,260 on 18 Nov."' in text


def test_a_charts_data_cannot_end_its_element() -> None:
    text = written('{% chart "timeline" spec "" %}', spec=SPEC)
    block = re.search(r'<script type="application/json" id="timeline">(.*?)</script>', text)

    assert block
    assert "<" not in block[1]
    assert json.loads(block[1])["labels"][1] == SCRIPT


def test_a_pager_says_where_it_is_and_where_it_leads() -> None:
    text = written('{% pager first=4011 last=4025 total=60000 before="?before=1" after="" %}')

    assert "Rows 4,011–4,025 of 60,000" in text
    assert 'href="?before=1" rel="prev"' in text
    assert 'aria-disabled="true">Next' in text
    assert "of more than 10,000" in written('{% pager first=1 last=50 total="more than 10,000" %}')
    assert "No rows" in written("{% pager first=0 last=0 total=0 %}")


PAGE = """{% extends "frame/plain.html" %}{% load ui %}
{% block title %}Sign {{ verb }}{% endblock %}{% block content %}{% endblock %}"""


def test_a_pages_title_is_said_twice_and_written_once() -> None:
    text = ENGINE.from_string(PAGE).render(Context({"verb": "<in>"}))

    assert "<title>Sign &lt;in&gt; · Bulk Lookup</title>" in text


@pytest.mark.parametrize(("cookie", "theme", "sidebar"), [("rail", "night", "rail"), ('"><script>', "", "")])
def test_a_page_comes_in_the_theme_and_with_the_sidebar_that_was_chosen(cookie: str, theme: str, sidebar: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["sidebar"] = cookie
    text = ENGINE.from_string(PAGE).render(Context({"request": request, "theme": theme}))

    assert f'data-theme="{theme or "system"}" data-sidebar="{sidebar}"' in text


@pytest.mark.parametrize(
    ("words", "letters"), [("Maya Okafor", "MO"), ("maya@harborpine.example", "M"), ("", ""), ("j.r. ewing", "JE")]
)
def test_a_person_has_initials(words: str, letters: str) -> None:
    assert written("{{ words|initials }}", words=words) == letters
