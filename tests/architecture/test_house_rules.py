"""The rules of the house that no tool knows. Each is named as the fact it holds."""

import ast
import re

import pytest
from django.apps import apps

from initiatives.walls import Wall
from tests.architecture import sources

LONGEST_MODULE = 400
WRITES = {
    *("save", "create", "bulk_create", "get_or_create", "update_or_create"),
    *("bulk_update", "aupdate", "acreate", "asave"),
}
RAW_SQL = {"execute", "executemany", "copy", "raw", "RawSQL", "extra", "cursor"}
# Where SQL is written by hand, and why the ORM would not do.
RAW_SQL_ALLOWED = (
    "config/roles.py",  # roles and grants: no model knows them
    "config/stack/",  # asks a server whether it is up
    "initiatives/tenancy.py",  # tells the database which initiative it serves
    "initiatives/walls.py",  # writes the policies
    "initiatives/checks.py",  # asks the catalogue whether the policies hold
    "initiatives/jobs.py",  # claims a job in one statement
    "initiatives/locks.py",  # shares a row: the ORM only locks it alone
    "initiatives/idempotency.py",  # one form at a time, under an advisory lock
    "initiatives/audit.py",  # seals acts in order, under an advisory lock
    "measures/rollups/",  # set-based computing
    "measures/rollups.py",
    "measures/ledger/",  # bi-temporal writes in one statement
    "measures/ledger.py",
    "measures/imports/",  # COPY of large files
    "measures/imports.py",
    "measures/exports/",  # COPY of large tables
    "measures/selectors/revisions.py",  # asked by every kept page: composing it took the longest
)
# Where the managers' filter is set aside, and why.
UNSCOPED_ALLOWED = (
    "initiatives/tenancy.py",  # defines it
)
GIVEN_AWAY = re.compile(r"\b(_base_manager|_default_manager)\b")
STUBS = re.compile(
    "TO" + "DO|FIX" + "ME|X" + "XX|NotImplemented" + "Error|lorem ip" + "sum", re.IGNORECASE
)
REGISTRY_HOSTS = re.compile(
    "|".join(
        host.replace(" ", r"\.")
        for host in (
            "pypi org",
            "pythonhosted org",
            "npmjs org",
            "npmjs com",
            "unpkg com",
            "jsdelivr net",
        )
    )
)


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=map(sources.name_of, paths))


def doors():
    return [
        path
        for path in sources.python()
        if {"views", "forms", "api", "serializers"} & {*path.parts, path.stem}
    ]


def test_views_and_forms_never_write():
    found = []
    for path in doors():
        for name, call in sources.calls(path):
            # `update(field=...)` writes rows; `update(a_dict)` is a dictionary's.
            updates_rows = name == "update" and call.keywords and not call.args
            deletes = name == "delete" and not call.args and is_of_rows(call)
            if name in WRITES or updates_rows or deletes:
                found.append(f"{sources.name_of(path)}:{call.lineno} {name}()")
    assert found == [], "decisions are written by services"


def is_of_rows(call: ast.Call) -> bool:
    """A cookie or a cache entry may be deleted by a view; a row may not."""
    return "cache" not in ast.unparse(call.func) and "session" not in ast.unparse(call.func)


def test_raw_sql_is_written_only_where_allowed():
    found = [
        f"{sources.name_of(path)}:{call.lineno} {name}()"
        for path in sources.python()
        if not sources.matches(path, RAW_SQL_ALLOWED)
        for name, call in sources.calls(path)
        if name in RAW_SQL and is_database_call(call)
    ]
    assert found == []


def is_database_call(call: ast.Call) -> bool:
    """``copy.copy`` and ``dict.copy`` are not COPY, and a command's ``super().execute`` no SQL."""
    words = ast.unparse(call.func)
    return words != "super().execute" and not (words.endswith("copy") and "cursor" not in words)


def test_managers_are_never_passed_by():
    found = [
        f"{sources.name_of(path)}: {match[0]}"
        for path in sources.python()
        for match in GIVEN_AWAY.finditer(path.read_text())
    ]
    assert found == []


def test_unscoped_is_used_only_where_allowed():
    found = [
        f"{sources.name_of(path)}:{call.lineno}"
        for path in sources.python()
        if not sources.matches(path, UNSCOPED_ALLOWED)
        for name, call in sources.calls(path)
        if name == "unscoped"
    ]
    assert found == []


def test_every_model_declares_its_wall():
    for app in sources.APPS:
        for model in apps.get_app_config(app).get_models():
            assert isinstance(getattr(model, "wall", None), Wall), model


def test_every_global_model_says_why_it_has_no_wall():
    for app in sources.APPS:
        for model in apps.get_app_config(app).get_models():
            if model.wall is Wall.GLOBAL:
                # Django writes `Name(field, field)` where nobody wrote anything.
                assert not (model.__doc__ or "").startswith(f"{model.__name__}("), model


def test_nothing_is_left_to_do():
    found = [
        f"{sources.name_of(path)}: {match[0]}"
        for path in sources.tracked()
        if path.suffix in {".py", ".html", ".js", ".css", ".md", ".txt", ".toml", ".yml"}
        and path.parent.name != "data"
        for match in STUBS.finditer(path.read_text(errors="replace"))
    ]
    assert found == []


def test_no_test_is_skipped():
    found = [
        f"{sources.name_of(path)}:{node.lineno}"
        for path in sources.python(apps_only=False)
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"skip", "skipif", "xfail", "importorskip"}
        and "pytest" in ast.unparse(node)
    ]
    assert found == []


def test_no_file_names_a_package_registry():
    found = [
        sources.name_of(path)
        for path in sources.tracked()
        if path.suffix not in {".gz", ".zip", ".png", ".xz"}
        and REGISTRY_HOSTS.search(path.read_text(errors="replace"))
    ]
    assert found == []


def test_modules_are_short():
    found = {
        sources.name_of(path): lines
        for path in sources.python(apps_only=False)
        if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert found == {}, "split by noun"


def test_no_module_is_a_drawer_for_odds_and_ends():
    found = [
        sources.name_of(path)
        for path in sources.python(apps_only=False)
        if path.stem in {"utils", "helpers", "misc", "common", "signals", "receivers"}
    ]
    assert found == []


def test_no_signals_no_class_views():
    found = [
        f"{sources.name_of(path)}:{call.lineno} {name}"
        for path in sources.python()
        for name, call in sources.calls(path)
        if name in {"as_view", "receiver"} or (name == "connect" and is_model_signal(call))
    ]
    assert found == []


def is_model_signal(call: ast.Call) -> bool:
    return bool(re.match(r"(pre|post)_(save|delete|init)|m2m_changed", ast.unparse(call.func)))


def test_a_save_of_our_own_says_why():
    found = [
        f"{sources.name_of(path)}:{node.lineno}"
        for path in sources.python()
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.FunctionDef) and node.name == "save" and not ast.get_docstring(node)
    ]
    assert found == []


def test_what_organizations_hand_in_is_a_submission():
    """The glossary refuses the other word; Plotly's own, and what is printed, are meant by it."""
    meant = re.compile(r'"yref": "paper"|\bon paper\b')
    places = [sources.ROOT / name for name in ("measures", "templates/measures", "tests/measures")]
    found = [
        f"{sources.name_of(path)}:{number}"
        for path in sources.tracked()
        if "migrations" not in path.parts and any(place in path.parents for place in places)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "paper" in meant.sub("", line).lower()
    ]
    assert found == [], "Say submission of what is handed in, form of the page it is written on."
