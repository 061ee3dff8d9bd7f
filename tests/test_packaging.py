"""What is handed out: the wheel, the lock files, and how `make setup` behaves on machines that lack something."""

import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy of what belongs to the source, so that nothing of this machine gets in."""
    place = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, place)
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=place, check=True, capture_output=True, timeout=120)
    (made,) = (place / "dist").glob("*.whl")
    return zipfile.ZipFile(made)


def test_the_wheel_holds_the_package_whole(wheel: zipfile.ZipFile) -> None:
    source = ROOT / "src"
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    owed = {name for name in files if "__pycache__" not in name}

    assert owed <= set(wheel.namelist())
    assert any(name.startswith("bulk_lookup/migrations/0001") for name in owed)
    assert any(name.endswith(".sql") for name in owed)


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    version = PROJECT["project"]["version"]

    assert {name.split("/")[0] for name in wheel.namelist()} == {"bulk_lookup", f"bulk_lookup-{version}.dist-info"}
    assert not any("test" in Path(name).name for name in wheel.namelist())


def test_the_wheel_brings_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    names = {Path(name).name: name for name in wheel.namelist() if ".dist-info/" in name}

    assert "bulk-lookup = bulk_lookup.cli.main:main" in wheel.read(names["entry_points.txt"]).decode()
    assert wheel.read(names["LICENSE"]).decode().startswith("MIT License")


def entries(lock: str) -> dict[str, set[str]]:
    """A lock file's requirements as they stand, each with its hashes."""
    text = re.sub(r"^#.*$", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = line.split(" --hash=")
        found[requirement.strip()] = {one.strip() for one in hashes}
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_neither_a_place_nor_an_option(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(r"://|file:|@ |^/|\s/", text, re.MULTILINE)
    assert set(re.findall(r"(?<!\S)--?\w[\w-]*", text)) == {"--hash"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_everything_with_hashes(lock: str) -> None:
    for requirement, hashes in entries(lock).items():
        assert re.match(r"[a-z0-9.-]+==\S+( ; .+)?$", requirement)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes)


def test_the_development_lock_holds_the_other_one() -> None:
    development = entries("requirements-dev.lock")

    for requirement, hashes in entries("requirements.lock").items():
        assert development[requirement] == hashes


@pytest.mark.parametrize(
    ("lock", "needed"),
    [
        (
            "requirements.lock",
            [
                *PROJECT["project"]["dependencies"],
                *PROJECT["project"]["optional-dependencies"]["parquet"],
                *PROJECT["build-system"]["requires"],
                *PROJECT["dependency-groups"]["build"],
            ],
        ),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
    ids=LOCKS,
)
def test_a_lock_file_is_not_older_than_what_it_was_made_from(lock: str, needed: list[str]) -> None:
    pins = [Requirement(entry) for entry in entries(lock)]

    for requirement in map(Requirement, needed):
        name = requirement.name.lower().replace("_", "-")
        versions = [next(iter(pin.specifier)).version for pin in pins if pin.name == name]
        assert any(requirement.specifier.contains(version) for version in versions), f"make lock: {requirement}"


# An interpreter, and a uv, that do nothing but write down what they were asked for.
PYTHON = """#!/bin/sh
case "$*" in
    *'sys.exit(not'*) case {version} in 3.11 | 3.12 | 3.13 | 3.14) exit 0 ;; *) exit 1 ;; esac ;;
    *'print('*) echo {version} ;;
    *ensurepip*) exit {ensurepip} ;;
    '-m venv .venv') mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *'sys.exit(sys'*) exit 0 ;;
    '-m pip'*) echo "pip $*" >>asked; exit {pip} ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >>asked
case "$*" in
    venv*) mkdir -p .venv/bin && cp "$(command -v python3)" .venv/bin/python ;;
    *) exit {status} ;;
esac
"""


class Machine:
    """A checkout on a machine that has no more than what is put on its path."""

    def __init__(self, place: Path) -> None:
        self.project = place / "a checkout"
        self.path = place / "bin"
        self.path.mkdir()
        (self.project / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts/setup", self.project / "scripts")
        for name in (*LOCKS, "pyproject.toml"):
            shutil.copy(ROOT / name, self.project)
        for tool in ("sh", "cat", "cksum", "cp", "dirname", "env", "grep", "mkdir", "pwd", "rm"):
            found = shutil.which(tool)
            assert found
            (self.path / tool).symlink_to(found)

    def has_python(self, name: str, version: str, *, ensurepip: bool = True, pip: bool = True) -> None:
        self._program(name, PYTHON.format(version=version, ensurepip=0 if ensurepip else 1, pip=0 if pip else 1))

    def has_uv(self, *, works: bool = True) -> None:
        self._program("uv", UV.format(status=0 if works else 1))

    def setup(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "scripts/setup", *arguments],
            cwd=self.project,
            env={"PATH": str(self.path), "HOME": str(self.project), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked(self) -> list[str]:
        """What pip and uv have been asked for since the last time."""
        log = self.project / "asked"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if " install " in line]

    def _program(self, name: str, text: str) -> None:
        path = self.path / name
        path.write_text(text)
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_installs_what_is_locked_by_hash_and_then_the_package_itself(machine: Machine) -> None:
    machine.has_python("python3", "3.11")

    assert machine.setup().returncode == 0
    locked, editable = machine.asked()
    assert "--require-hashes --requirement requirements.lock" in locked
    assert "--no-build-isolation --editable ." in editable
    assert "index" not in locked + editable
    assert "--isolated" not in locked + editable


def test_setup_does_nothing_when_nothing_has_changed(machine: Machine) -> None:
    machine.has_python("python3", "3.12")
    machine.setup()
    machine.asked()

    again = machine.setup()

    assert (again.returncode, again.stdout, machine.asked()) == (0, "", [])


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_setup_installs_anew_when_what_it_was_made_from_changes(machine: Machine, changed: str) -> None:
    machine.has_python("python3", "3.12")
    machine.setup()
    machine.asked()
    with (machine.project / changed).open("a") as file:
        file.write("# newer\n")

    assert machine.setup().returncode == 0
    assert len(machine.asked()) == 2


def test_a_development_setup_serves_for_use_too_and_not_the_other_way_round(machine: Machine) -> None:
    machine.has_python("python3", "3.13")
    machine.setup()
    machine.asked()

    machine.setup("dev")
    assert "requirements-dev.lock" in machine.asked()[0]
    machine.setup()
    assert machine.asked() == []


def test_a_setup_that_failed_is_not_taken_for_done(machine: Machine) -> None:
    machine.has_python("python3", "3.11", pip=False)
    failed = machine.setup()

    assert failed.returncode == 1
    assert "the packages could not be installed" in failed.stderr
    assert machine.setup().returncode == 1


def test_a_python_without_venv_gets_one_line_that_names_the_package(machine: Machine) -> None:
    machine.has_python("python3", "3.11", ensurepip=False)
    refused = machine.setup()

    assert refused.returncode == 1
    assert re.fullmatch(r"make setup: .*/python3 .*python3\.11-venv.*apt-get install python3-venv.*\n", refused.stderr)
    assert not (machine.project / ".venv").exists()


def test_an_old_python_gets_one_line_that_says_so(machine: Machine) -> None:
    machine.has_python("python3", "3.9")
    refused = machine.setup()

    assert refused.returncode == 1
    assert re.fullmatch(r"make setup: Python 3\.11.* is needed, but .*/python3 is Python 3\.9.*\n", refused.stderr)


def test_no_python_at_all_gets_one_line_too(machine: Machine) -> None:
    assert re.fullmatch(r"make setup: .*no python3 is on the PATH.*\n", machine.setup().stderr)


@pytest.mark.parametrize("other", ["python3.11", "python3.12", "python3.13", "python3.14"])
def test_a_newer_python_beside_an_old_one_is_found(machine: Machine, other: str) -> None:
    machine.has_python("python3", "3.9")
    machine.has_python(other, other.removeprefix("python"))

    done = machine.setup()

    assert (done.returncode, f"with {machine.path / other}" in done.stdout) == (0, True)


def test_a_python_with_venv_beside_one_without_is_found(machine: Machine) -> None:
    machine.has_python("python3", "3.11", ensurepip=False)
    machine.has_python("python3.12", "3.12")

    assert f"with {machine.path / 'python3.12'}" in machine.setup().stdout


def test_the_python_that_is_named_is_taken(machine: Machine) -> None:
    machine.has_python("python3", "3.11")
    machine.has_python("mine", "3.12")

    assert f"with {machine.path / 'mine'}" in machine.setup(PYTHON="mine").stdout


def test_uv_is_used_where_it_is_there_and_needs_no_venv_package(machine: Machine) -> None:
    machine.has_python("python3", "3.11", ensurepip=False)
    machine.has_uv()

    assert machine.setup().returncode == 0
    assert [line.split()[0] for line in machine.asked()] == ["uv", "uv"]


def test_pip_takes_over_where_uv_does_not_manage(machine: Machine) -> None:
    machine.has_python("python3", "3.11")
    machine.has_uv(works=False)

    assert machine.setup().returncode == 0
    assert [line.split()[0] for line in machine.asked()] == ["uv", "pip", "pip"]


def test_a_mirror_that_only_pip_is_told_of_is_asked_through_pip(machine: Machine) -> None:
    machine.has_python("python3", "3.11")
    machine.has_uv()

    assert machine.setup(PIP_INDEX_URL="http://mirror.example/simple").returncode == 0
    assert {line.split()[0] for line in machine.asked()} == {"pip"}


@pytest.mark.parametrize("path", sorted([*(ROOT / "scripts").iterdir(), ROOT / ".ci/run"]), ids=lambda path: path.name)
def test_a_script_is_executable_and_can_be_parsed(path: Path) -> None:
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"

    assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run([shell, "-n", str(path)], check=True, timeout=60)


def test_ci_runs_the_readmes_test_command() -> None:
    assert re.search(r"^run .*\bmake test$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
