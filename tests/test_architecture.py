"""The shape of the code, as ARCHITECTURE.md draws it and CONTRIBUTING.md words it.

The tree in ARCHITECTURE.md is read, not repeated here: inside ``writeoffs/`` a module imports only
what stands above it there, and everything in the tree exists and the other way round.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
ENGINE: Final = ROOT / "writeoffs"
MOST_LINES_OF_A_FUNCTION: Final = 60
MOST_LINES_OF_A_FILE: Final = 450
DRAWS: Final = {"charts", "drawing", "bars", "trends", "heat"}  # the modules that may import plotly
OUTSIDE_THE_ORDER: Final = {"__init__", "__main__"}  # the face and the door see everything


# --- the tree in ARCHITECTURE.md ------------------------------------------------------------------


def tree(text: str) -> list[str]:
    """Paths in the order of the first fenced block that names ``writeoffs/``.

    An entry is an indented line ``name   what it is``, or several names with commas. A name that
    ends in ``/`` is a folder; deeper entries below it are inside it. Names without a suffix are
    Python modules. A line that is indented deeper than an entry that is no folder, or by twelve
    spaces or more beyond one that is, continues the text above it.
    """
    block = next(
        (b for b in re.findall(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S) if "writeoffs/" in b),
        "",
    )
    out: list[str] = []
    inside: list[tuple[int, str]] = []  # indentation and folder, outermost first
    last = -1
    for line in block.splitlines():
        indent = len(line) - len(line.lstrip())
        names = re.match(r"\s*([\w./-]+(?:, [\w./-]+)*)(?:\s|$)", line)
        while inside and inside[-1][0] >= indent:
            inside.pop()
        above = inside[-1][0] if inside else -1
        if not names or (indent > last > above and last >= 0) or (inside and indent >= above + 12):
            continue
        last = indent
        folder = inside[-1][1] if inside else ""
        for name in names[1].split(", "):
            path = folder + name
            if name.endswith("/"):
                inside.append((indent, path))
            elif "." not in name and folder.startswith(("writeoffs/", "pages/")):
                path += ".py"
            out.append(path)
    return out


@cache
def listed() -> list[str]:
    """What the project's own tree lists."""
    return tree((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))


@cache
def order() -> list[str]:
    """Names directly inside ``writeoffs/``, in the order of the tree: modules and packages."""
    within = (p.removeprefix("writeoffs/") for p in listed() if p.startswith("writeoffs/"))
    names = [re.split(r"[/.]", path)[0] for path in within if path]
    return list(dict.fromkeys(names))


TREE_AS_WRITTEN = """
Words before.

```text
app.py              two lines
pages/              one script a page
  frame.py          what all share,
                    and a second line
writeoffs/
    vocabulary      the words
    reference/      tables, which go on
                    in a second line
    money, dates    the parsers
    readers/
        rows        furniture
    readers_too.py  a file
tests/
```
"""


def test_the_tree_is_read_as_it_is_written() -> None:
    assert tree(TREE_AS_WRITTEN) == [
        "app.py",
        "pages/",
        "pages/frame.py",
        "writeoffs/",
        "writeoffs/vocabulary.py",
        "writeoffs/reference/",
        "writeoffs/money.py",
        "writeoffs/dates.py",
        "writeoffs/readers/",
        "writeoffs/readers/rows.py",
        "writeoffs/readers_too.py",
        "tests/",
    ]


def test_everything_in_the_tree_exists() -> None:
    assert listed(), "ARCHITECTURE.md has no fenced block with writeoffs/ in it"
    assert [path for path in listed() if not (ROOT / path).exists()] == []


def test_every_module_is_in_the_tree() -> None:
    found = {path.stem for path in ENGINE.glob("*.py")} - OUTSIDE_THE_ORDER
    found |= {path.parent.name for path in ENGINE.glob("*/__init__.py")}
    assert sorted(found - set(order())) == []


# --- imports --------------------------------------------------------------------------------------


def sources(*folders: str) -> list[Path]:
    """Python files of some folders, in one order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a file imports, wherever in it that stands."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}:{node.lineno}: import by the full name"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def place(path: Path) -> str:
    """The module or package directly inside ``writeoffs/`` that a file belongs to."""
    return path.relative_to(ENGINE).with_suffix("").parts[0]


def id_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_engine_file = pytest.mark.parametrize("path", sources("writeoffs"), ids=id_of)
# A page's own script runs afresh for every session; what it imports is loaded once for all of them.
every_shared_file = pytest.mark.parametrize(
    "path",
    [path for path in sources("pages") if path.parent != ROOT / "pages" or path.stem == "__init__"],
    ids=id_of,
)
every_source = pytest.mark.parametrize("path", sources("writeoffs", "pages"), ids=id_of)


@every_engine_file
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    here = place(path)
    if here in OUTSIDE_THE_ORDER:
        return
    above = {name: at for at, name in enumerate(order())}
    wrong = []
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] != "writeoffs":
            continue
        target = parts[1] if len(parts) > 1 else "__init__"
        if target != here and above.get(target, len(above)) >= above.get(here, -1):
            wrong.append(f"{id_of(path)}:{line} imports {name}")
    assert wrong == []


@every_engine_file
def test_the_engine_knows_no_screen_and_no_page(path: Path) -> None:
    banned = {"streamlit", "pages", "app", "tests", "sample_data"}
    if place(path) not in DRAWS:
        banned.add("plotly")
    wrong = [f"{id_of(path)}:{line} {name}" for line, name in imports(path)]
    assert [w for w in wrong if w.split()[1].split(".")[0] in banned] == []


# --- size -----------------------------------------------------------------------------------------


@every_source
def test_functions_and_files_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    found = [f"{id_of(path)}: {lines} lines"] if lines > MOST_LINES_OF_A_FILE else []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                found.append(f"{id_of(path)}:{node.lineno} {node.name}: {length} lines")
    assert found == []


# --- what must not be written ---------------------------------------------------------------------

BROAD: Final = {"Exception", "BaseException"}
SERIALISERS: Final = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
MUTABLE: Final = {"list", "dict", "set", "defaultdict", "Counter", "deque", "bytearray"}
READ_ONLY: Final = re.compile(r"\b(Mapping|Sequence|Collection|Iterable|AbstractSet)\b")


def broad_handlers(module: ast.Module) -> Iterator[tuple[int, str]]:
    """``except:`` and ``except Exception`` hide the mistake that comes after the expected one."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for one in caught:
                if one is None or (isinstance(one, ast.Name) and one.id in BROAD):
                    yield node.lineno, "catches everything"


def unsafe_calls(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A cache on the disk holds patients' data in the clear; text of a file must stay text."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("persist", "unsafe_allow_html"):
                    yield node.lineno, f"{keyword.arg}="
            if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
                yield node.lineno, node.func.id
            if isinstance(node.func, ast.Attribute) and node.func.attr in (
                "read_pickle",
                "to_pickle",
            ):
                yield node.lineno, node.func.attr


def mutable_globals(module: ast.Module) -> Iterator[tuple[int, str]]:
    """A list at the top of a module is shared by everybody who has a page open.

    One that is declared as read-only (``Final[Mapping[str, str]]``) is allowed: mypy holds it.
    """
    for node in module.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) or node.value is None:
            continue
        if isinstance(node, ast.AnnAssign) and READ_ONLY.search(ast.unparse(node.annotation)):
            continue
        made = isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") in MUTABLE
        shown = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
        if made or isinstance(node.value, shown):
            yield node.lineno, "a module-level container that can change"


def where(path: Path, found: Iterator[tuple[int, str]]) -> list[str]:
    return [f"{id_of(path)}:{line}: {what}" for line, what in found]


@every_source
def test_nothing_is_caught_that_was_not_expected(path: Path) -> None:
    assert where(path, broad_handlers(parsed(path))) == []


@every_source
def test_nothing_is_pickled_persisted_or_trusted_as_html(path: Path) -> None:
    assert where(path, unsafe_calls(parsed(path))) == []
    assert [name for _, name in imports(path) if name.split(".")[0] in SERIALISERS] == []


@every_shared_file
def test_pages_share_nothing_between_sessions(path: Path) -> None:
    assert where(path, mutable_globals(parsed(path))) == []


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (broad_handlers, "try:\n    x()\nexcept Exception:\n    pass\n"),
        (broad_handlers, "try:\n    x()\nexcept (KeyError, BaseException):\n    pass\n"),
        (broad_handlers, "try:\n    x()\nexcept:\n    pass\n"),
        (unsafe_calls, "@st.cache_data(persist='disk')\ndef f(): ...\n"),
        (unsafe_calls, "st.markdown(x, unsafe_allow_html=True)\n"),
        (unsafe_calls, "pd.read_pickle(x)\n"),
        (mutable_globals, "seen: list[str] = []\n"),
        (mutable_globals, "seen = defaultdict(list)\n"),
    ],
)
def test_the_checks_see_what_they_look_for(check, code: str) -> None:
    assert list(check(ast.parse(code)))
