"""The documentation is true: commands, settings, words and links in it are those of the source, and none is missing."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bulk_lookup.cli.main import app
from bulk_lookup.core.data_package import CATALOGUE, DEFAULT_PACKAGE, buyable_packages
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.core.line_type import LINE_TYPES
from bulk_lookup.core.phone_words import Reason, Repair
from bulk_lookup.core.pricing import LIST_PRICES, to_decimal_string
from bulk_lookup.core.retry import PauseReason
from bulk_lookup.engine.export_columns import export_columns
from bulk_lookup.environment import SETTINGS, Setting
from bulk_lookup.simulator.scenarios import SCENARIOS
from bulk_lookup.simulator.settings import setting_texts

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# Row 0 and the chapters of the list, with so many rows each.
ASKED_FOR = [
    "0",
    *(f"{chapter}.{row}" for chapter, rows in enumerate((3, 3, 4, 3, 2, 3), 1) for row in range(1, rows + 1)),
]


def page(name: str) -> str:
    """A page with its line breaks made spaces, so that what is wrapped is found too."""
    return re.sub(r"\s+", " ", (ROOT / name).read_text(encoding="utf-8"))


def spans(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def in_code(name: str) -> str:
    """Everything that a page shows as code, in spans and blocks."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^ *```\n.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *sorted(spans(re.sub(r"\s+", " ", rest)))])


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    return set(phony[1].split())


@pytest.fixture(scope="module")
def make_help() -> str:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.parametrize("target", sorted(make_targets()))
def test_make_alone_lists_every_command_with_what_it_does(target: str, make_help: str) -> None:
    assert re.search(rf"^  make {target} +\S.{{10,}}$", make_help, re.MULTILINE)


def test_a_rule_of_the_makefile_is_a_command_that_is_listed() -> None:
    rules = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert set(rules) == make_targets()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_make_command_in_the_documentation_exists(path: Path) -> None:
    named = re.findall(r"(?:^|(?<=[`\n]))make ([a-z][a-z-]*)", in_code(str(path.relative_to(ROOT))))

    assert set(named) <= make_targets()


def test_the_readme_begins_with_the_two_commands() -> None:
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)

    assert [block.strip() for block in blocks[:2]] == ["make demo", "make test"]


@pytest.mark.parametrize("number", ASKED_FOR)
def test_the_readme_says_of_everything_that_was_asked_for_where_it_is(number: str) -> None:
    row = re.search(
        rf"^\| {re.escape(number)} \| ([^|]+) \| ([^|]+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )

    assert row
    assert "there" in row[2] or "not yet" in row[2] or ".ci/run" in row[2]


def links(path: Path) -> Iterator[tuple[Path, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            yield (path.parent / name if name else path), anchor


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them: lower case, no punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target, anchor in links(path):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_file_of_the_project_that_a_page_names_exists(path: Path) -> None:
    named = re.findall(
        r"(?<![\w/.-])(?:src|docs|tests|scripts|bench|\.ci)/[\w./-]*\w", in_code(str(path.relative_to(ROOT)))
    )

    assert [name for name in named if not (ROOT / name).exists()] == []


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that is no group of others, with the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None or getattr(command, "invoke_without_command", False):
        yield path, command
    for name, one in (inner or {}).items():
        if not one.hidden:
            yield from commands(one, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(app), "bulk-lookup"))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_is_in_the_guide(words: str) -> None:
    guide = in_code("docs/guide.md")
    # Those of the simulator stand there as settings.
    explained = {f"--{name.replace('_', '-')}" for name in setting_texts()} if words.endswith(" simulator") else set()
    options = [
        option
        for parameter in COMMANDS[words].params
        for option in parameter.opts
        if not parameter.hidden and option.startswith("--") and option not in {"--help", *explained}
    ]

    assert re.search(rf"^{words}(?![\w-])", guide, re.MULTILINE)
    assert [option for option in options if not re.search(rf"{option}(?![\w-])", guide)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_command_in_the_documentation_exists(path: Path) -> None:
    known = {words.split()[1] for words in COMMANDS} | {"COMMAND"}
    named = re.findall(r"(?:^|/| )bulk-lookup ([\w-]+)", in_code(str(path.relative_to(ROOT))), re.MULTILINE)

    assert {name for name in named if not name.startswith("-")} <= known


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_operations_page(setting: Setting) -> None:
    assert f"`{setting.name}`" in page("docs/operations.md")


def test_a_setting_in_the_documentation_exists() -> None:
    known = {setting.name for setting in SETTINGS} | {f"{setting.name}_FILE" for setting in SETTINGS}
    named = {
        name
        for path in PAGES
        for name in re.findall(r"\b(?:BULK_LOOKUP|TWILIO|DB)_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }

    assert named <= known


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_package_is_in_the_guide(name: str) -> None:
    assert f"`{name}`" in page("docs/guide.md")


@pytest.mark.parametrize("name", buyable_packages())
def test_the_guide_has_a_packages_columns_price_and_age(name: str) -> None:
    row = re.search(
        rf"^\| `{name}` \| (.+) \| .+ \| (.+) \| (.+) \|$", (ROOT / "docs/guide.md").read_text(), re.MULTILINE
    )
    assert row
    columns, price, age = row.groups()
    package = CATALOGUE[name]
    listed = [entry.micros for entry in LIST_PRICES if entry.package == name and entry.country is None]

    assert all(f"`{column.name}`" in columns for column in package.columns)
    assert price == (to_decimal_string(listed[-1]) if listed else "enter yours")
    days = package.reuse_for.days if package.reuse_for else 0
    assert age.startswith({0: "never", 1: "1 day"}.get(days, f"{days} days"))


def test_the_guide_names_the_package_that_is_asked_when_none_is_named() -> None:
    assert f"; {DEFAULT_PACKAGE} without it" in page("docs/guide.md")


@pytest.mark.parametrize("word", sorted({*Reason, *Repair, *FailureReason, *PauseReason}))
def test_every_reason_word_is_in_the_guide(word: str) -> None:
    assert f"`{word}`" in page("docs/guide.md")


@pytest.mark.parametrize("column", [column.name for column in export_columns(buyable_packages())])
def test_every_column_of_the_output_is_in_the_guide(column: str) -> None:
    assert f"`{column}`" in page("docs/guide.md")


@pytest.mark.parametrize("name", setting_texts())
def test_every_setting_of_the_simulator_is_in_the_guide(name: str) -> None:
    assert f"`{name}`" in page("docs/guide.md")


def test_every_line_type_and_scenario_is_in_the_guide() -> None:
    guide = page("docs/guide.md")

    assert [word for word in (*LINE_TYPES, *SCENARIOS) if word not in guide] == []


def models() -> Iterator[str]:
    for path in sorted((ROOT / "src/bulk_lookup/models").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            bases = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.ClassDef) and any(base.endswith(("OrganizationTable", "Model")) for base in bases):
                yield node.name


@pytest.mark.parametrize("model", [name for name in models() if not name.endswith("OrganizationTable")])
def test_every_noun_is_in_the_glossary(model: str) -> None:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model).lower()

    assert re.search(rf"^\| {words} \| \S", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
