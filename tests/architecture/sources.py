"""The product's own files, as the house rules read them."""

import ast
import functools
import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = settings.LOCAL_APPS


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository; those being added count, those ignored do not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    # An unpacked archive has no git: there every file is ours but for what is made at run time.
    names = [name for name in listed if name] or [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file() and path.relative_to(ROOT).parts[0] not in {".venv", "var", "staticfiles"}
    ]
    return tuple(sorted(ROOT / name for name in names if (ROOT / name).is_file()))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def python(*, apps_only: bool = True) -> list[Path]:
    """Python modules of the apps and of ``config``, without migrations and tests."""
    places = {*APPS, "config"} if apps_only else {*APPS, "config", "tests", "bin"}
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in places
        and "migrations" not in path.parts
    ]


def templates() -> list[Path]:
    return [path for path in tracked() if path.relative_to(ROOT).parts[0] == "templates"]


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in a module with the last name of what it calls: ``a.b.c()`` is ``c``."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                found.append((node.func.attr, node))
            elif isinstance(node.func, ast.Name):
                found.append((node.func.id, node))
    return found


def matches(path: Path, names: tuple[str, ...]) -> bool:
    """Whether a path is one of ``names``: a file, or a folder written with a closing slash."""
    name = name_of(path)
    return any(name == each or (each.endswith("/") and name.startswith(each)) for each in names)
