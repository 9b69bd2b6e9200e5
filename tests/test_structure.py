"""The house's own rules: where files lie, what their first line is, how long they and their functions are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
TABLE = 20  # entries from which on a literal is a table

SOURCES = sorted((ROOT / "queuewatch").rglob("*.py"))
PYTHON = [
    path
    for folder in ("queuewatch", "tests", "benchmarks", "dashboards", "config")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
# A pin says which version; where it lies is for each machine to know.
ADDRESS = re.compile(r"https?://|file:|@ |--(extra-)?index-url|--find-links")
# What is taken from other tests: the module and the names, on one line or in brackets over several.
FROM_TESTS = re.compile(r"^ *from (tests\b[^(\n]*(?:\([^)]*\))?)", re.MULTILINE)


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


def mirrored(source: Path) -> Path:
    """Where the tests of this source file lie."""
    inside = source.relative_to(ROOT / "queuewatch")
    return ROOT / "tests" / inside.parent / f"test_{inside.stem.strip('_')}.py"


def is_only_a_name(path: Path) -> bool:
    """Whether a package's file does nothing but hand on names and say its version."""
    handed_on = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)
    return path.name == "__init__.py" and all(
        isinstance(one, handed_on) for one in ast.parse(path.read_text()).body
    )


def test_each_source_file_has_its_test_file() -> None:
    wanted = [mirrored(source) for source in SOURCES if not is_only_a_name(source)]
    assert [told(path) for path in wanted if not path.is_file()] == []


def test_each_test_file_has_its_source_file() -> None:
    wanted = {mirrored(source) for source in SOURCES}
    own = {"test_compose.py", "test_conformance.py", "test_docs.py", "test_operating.py", "test_structure.py"}
    strays = [
        told(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if path not in wanted
        and path.name not in own
        and path.relative_to(ROOT / "tests").parts[0] not in {"dashboards", "real", "stories"}
    ]
    assert strays == []


def test_what_tests_share_lies_beside_them_and_in_none_of_them() -> None:
    taken = [
        f"{told(path)}: {name}"
        for path in PYTHON
        for words in FROM_TESTS.findall(path.read_text())
        for name in re.findall(r"\btest_\w+", words)
    ]
    assert taken == []


def test_all_tests_live_by_the_same_clocks() -> None:
    clock = {"now", "sleep_until"}
    others = [
        f"{told(path)}: {one.name}"
        for path in (ROOT / "tests").rglob("*.py")
        if "def sleep_until" in (text := path.read_text())  # most files need not be parsed
        for one in ast.parse(text).body
        if isinstance(one, ast.ClassDef) and clock <= {getattr(part, "name", "") for part in one.body}
    ]
    assert {one.partition(":")[0] for one in others} == {"tests/clocks.py"}


def test_the_first_line_of_a_file_says_what_it_is_for() -> None:
    first = {path: path.read_text().partition("\n")[0] for path in PYTHON if path.stat().st_size}
    assert [told(path) for path, line in first.items() if not re.match(r'"""[^"\s]', line)] == []


def test_no_source_file_is_too_long_to_read() -> None:
    assert [told(source) for source in SOURCES if len(source.read_text().splitlines()) > LONGEST_FILE] == []


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for source in SOURCES:
        for one in ast.walk(ast.parse(source.read_text())):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                yield source, one


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{told(source)}: {one.name}"
        for source, one in functions()
        if lines(one) > LONGEST_FUNCTION
        and lines(one) - docstring_lines(one) - table_lines(one) > LONGEST_FUNCTION
    ]
    assert long == []


def lines(one: ast.stmt | ast.expr) -> int:
    return (one.end_lineno or 0) - one.lineno + 1


def docstring_lines(one: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return lines(one.body[0]) if ast.get_docstring(one, clean=False) is not None else 0


def table_lines(one: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a long literal: a table is read entry by entry, not as a course of things."""
    tables = [
        part for part in ast.walk(one) if isinstance(part, ast.Tuple | ast.List) and len(part.elts) >= TABLE
    ]
    return max(map(lines, tables), default=0)


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
    assert [told(path) for path in SOURCES if later.search(path.read_text())] == []


def project() -> dict[str, object]:
    read: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return read


def test_each_dependency_stands_with_its_reason_in_alphabetical_order() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(
        r"^(?:dependencies|\w+) = \[\n(.*?)^\]", text.partition("[tool.")[0], re.MULTILINE | re.DOTALL
    )
    wanted = [block for block in lists if ">=" in block or "==" in block]
    assert wanted
    for block in wanted:
        lines = [line.strip() for line in block.splitlines()]
        named = [
            Requirement(line.split('"')[1]).name for line in lines if line.startswith('"') and "[" not in line
        ]
        assert named == sorted(named)
        explained = [place for place, line in enumerate(lines) if "#" in line]
        for place, line in enumerate(lines):
            if line.startswith('"') and not line.startswith('"queuewatch['):
                assert place in explained or place - 1 in explained, f"{line} has no reason"


def test_constraints_pin_every_dependency_and_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert ADDRESS.search(text) is None
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", pin) for pin in pins), pins
    pinned = {canonical(pin.split("==")[0]) for pin in pins}
    for named in dependencies():
        assert canonical(named) in pinned, f"constraints.txt lacks {named}"


def dependencies() -> Iterator[str]:
    """What all but the benchmarks need: only there do some not install on every Python."""
    own = project()
    extras = own["optional-dependencies"]
    assert isinstance(extras, dict)
    lists = [own["dependencies"], *(listed for extra, listed in extras.items() if extra != "bench")]
    for listed in lists:
        assert isinstance(listed, list)
        yield from (name for one in listed if (name := Requirement(one).name) != "queuewatch")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.slow
def test_the_wheel_holds_the_page_and_the_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)  # noqa: S603 (our own command line)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for folder in ("serve/static", "words", "")
        for path in (ROOT / "queuewatch" / folder).iterdir()
        if path.is_file()
    }
    assert wanted <= held
    assert not [name for name in held if name.startswith(("tests", "benchmarks"))]
