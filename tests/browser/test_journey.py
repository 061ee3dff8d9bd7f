"""A person's way from a file to the enriched file, in a real browser: on a desktop, on a phone, by keyboard, without a script."""

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser_stage import PASSWORD, Watched, serious_violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 60
PATHS = (
    "/",
    "/contacts",
    "/contacts?scope=failed&country=DE",
    "/lists",
    "/runs",
    "/analytics/volume",
    "/analytics/quality",
    "/analytics/costs",
    "/analytics/speed",
    "/exports",
    "/exports/new",
    "/imports/new",
    "/settings/members",
    "/account",
)
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 780}


@pytest.fixture
def spreadsheet(tmp_path: Path) -> Path:
    """Sixty rows: fifty-eight valid numbers, of them two the same, one empty cell, one word; a name with a script in it."""
    path = tmp_path / "Spring fair.csv"
    lines = [f'"<script>alert({row})</script>",(415) 555-{row:04d}' for row in range(100, 100 + ROWS - 3)]
    path.write_text("\n".join(["Name,Phone", *lines, "Twice,(415) 555-0100", "Empty,", "Word,call me"]) + "\n")
    return path


def test_from_a_file_to_the_enriched_file(browser: "Browser", site: str, person: str, spreadsheet: Path) -> None:
    context = browser.new_context(viewport=DESKTOP, accept_downloads=True)
    watched = Watched(context.new_page())
    page = watched.page
    sign_in(page, site, person)
    assert page.get_by_text("Start with a list of phone numbers").is_visible()

    give(page, site, spreadsheet)
    report(page)
    begin(page)
    wait_until_finished(page)
    fields = enriched(page, site)

    assert len(fields) == ROWS
    assert [row["Name"] for row in fields][-3:] == ["Twice", "Empty", "Word"]
    assert {row["lookup_status"] for row in fields} == {"completed", "duplicate", "invalid"}
    assert all(row["line_type"] for row in fields if row["lookup_status"] == "completed" and row["valid"] == "true")
    page.goto(f"{site}/contacts?scope=completed")
    assert page.locator("[data-row]").count() == 50
    assert "<script>alert" not in page.content()
    assert watched.complaints == []
    context.close()


def test_every_page_fits_and_is_accessible(browser: "Browser", site: str, person: str, spreadsheet: Path) -> None:
    context = browser.new_context(viewport=DESKTOP)
    watched = Watched(context.new_page())
    page = watched.page
    page.goto(f"{site}/sign-in")
    found = {"/sign-in": serious_violations(page)}
    sign_in(page, site, person)
    give(page, site, spreadsheet)
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    import_address = page.url
    begin(page)
    wait_until_finished(page)
    addresses = [*(f"{site}{path}" for path in PATHS), import_address, page.url]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for address in addresses:
            page.goto(address)
            for viewport in (DESKTOP, PHONE):
                page.set_viewport_size(viewport)
                found[f"{address.removeprefix(site)} {viewport['width']} {scheme}"] = serious_violations(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address

    assert {address: violations for address, violations in found.items() if violations} == {}
    assert watched.complaints == []
    context.close()


def test_without_a_script_every_step_is_whole(browser: "Browser", site: str, person: str, spreadsheet: Path) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, person)
    page.goto(f"{site}/imports/new")
    page.set_input_files("input[type=file]", spreadsheet)
    page.locator("form:has(input[type=file]) button:visible").first.click()
    page.wait_for_url(re.compile(r"/columns"))
    page.get_by_role("button", name=re.compile("^Import")).first.click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    again_until(page, lambda: page.get_by_role("link", name="Get a quote").count() > 0)
    begin(page)
    again_until(page, lambda: page.get_by_text("Finished").count() > 0)
    page.goto(f"{site}/contacts?scope=completed")
    assert page.locator("[data-row]").count() == 50
    context.close()


def test_by_keyboard_alone(browser: "Browser", site: str, person: str) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"{site}/sign-in")
    page.keyboard.press("Tab")
    reach(page, "input[type=email]")
    page.keyboard.type(person)
    reach(page, "input[type=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(f"{site}/contacts")
    page.keyboard.press("/")
    page.keyboard.type("415")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=415"))
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("i")
    page.wait_for_url(f"{site}/imports/new")
    reach(page, "textarea")
    page.keyboard.type("+14155550123\n+14155550124")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/columns"))
    context.close()


def test_what_another_page_does_shows_within_a_moment(
    browser: "Browser", site: str, person: str, spreadsheet: Path
) -> None:
    context = browser.new_context(viewport=DESKTOP)
    watching = context.new_page()
    sign_in(watching, site, person)
    acting = context.new_page()
    give(acting, site, spreadsheet)
    report(acting)
    watching.goto(f"{site}/")
    begin(acting)
    wait_until_finished(acting)

    watching.get_by_text("57", exact=True).first.wait_for(timeout=20_000)
    context.close()


def sign_in(page: "Page", site: str, person: str) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("input[type=email]", person)
    page.fill("input[type=password]", PASSWORD)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(f"{site}/")


def give(page: "Page", site: str, path: Path) -> None:
    """From the file to the import's page."""
    page.goto(f"{site}/imports/new")
    page.set_input_files("input[type=file]", path)
    page.wait_for_url(re.compile(r"/columns"), timeout=30_000)
    page.get_by_role("button", name=re.compile("^Import")).first.click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))


def report(page: "Page") -> None:
    page.get_by_role("link", name="Get a quote").first.wait_for(timeout=60_000)
    words = page.inner_text("main")
    assert str(ROWS) in words and "57" in words


def begin(page: "Page") -> None:
    """From the report over the quote to the run's page."""
    page.get_by_role("link", name="Get a quote").first.click(timeout=60_000)
    page.wait_for_url(re.compile(r"/quote"))
    page.get_by_role("button", name=re.compile("^Run, ")).click()
    page.wait_for_url(re.compile(r"/runs/\d+$"))


def wait_until_finished(page: "Page") -> None:
    page.get_by_text("Finished", exact=True).first.wait_for(timeout=60_000)


def again_until(page: "Page", true: "object") -> None:
    """Load the page again until something is there, as a person without scripts does."""
    for _ in range(120):
        if true():  # type: ignore[operator]
            return
        page.wait_for_timeout(500)
        page.reload()
    pytest.fail(page.inner_text("body"))


def reach(page: "Page", selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no Tab leads to {selector}")


def enriched(page: "Page", site: str) -> list[dict[str, str]]:
    """Order an export of everything and read the file that comes."""
    page.goto(f"{site}/exports/new")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url(re.compile(r"/exports"))
    link = page.get_by_role("link", name=re.compile("^Download"))
    link.first.wait_for(timeout=60_000)
    with page.expect_download() as download:
        link.first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
