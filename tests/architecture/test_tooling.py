"""The workshop keeps what it promises: words of the Makefile, locks, contracts, layout."""

import re
import subprocess
import tomllib

from django.conf import settings

from config.celery import app
from tests.architecture.sources import ROOT, tracked

WORDS = [
    *("setup", "demo", "run", "worker", "test", "test-fast", "lint", "format", "migrate"),
    *("bench", "docs", "check", "lock", "stop"),
]
TOP = {
    *("config", "initiatives", "agenda", "measures", "activities", "meetings", "backbone"),
    *("templates", "static", "tests", "docs", "bin", "requirements", ".ci", "locale"),
    *("manage.py", "pyproject.toml", "Makefile", "Dockerfile", "docker-compose.yml"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "SECURITY.md"),
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {each["name"]: each for each in PROJECT["tool"]["importlinter"]["contracts"]}


def test_make_help_lists_every_word():
    said = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(WORDS) <= set(re.findall(r"make ([a-z-]+)", said))


def test_ci_runs_make_test():
    assert re.search(r"^exec make .*\btest$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


def test_every_requirement_is_locked_by_hash():
    for name in ("base", "dev"):
        locked = (ROOT / "requirements" / f"{name}.txt").read_text()
        for block in re.split(r"\n(?=\S)", locked):
            if "==" in block.splitlines()[0]:
                assert "--hash=sha256:" in block, block.splitlines()[0]
        for package in wanted(name):
            assert re.search(rf"^{re.escape(package)}==", locked, re.MULTILINE), package


def test_both_locks_agree():
    base, dev = (pins(name) for name in ("base", "dev"))
    assert base.items() <= dev.items()


def test_every_dependency_has_a_reason():
    reasons = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text().lower()
    for name in ("base", "dev"):
        for package in wanted(name):
            assert f"`{package}`" in reasons, package


def test_decisions_are_numbered_one_after_the_other():
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, path in enumerate(found, 1):
        assert path.name.startswith(f"{number:04}-"), path.name
        assert path.read_text().startswith(f"# {number}. "), path.name


def test_links_of_the_documents_lead_somewhere():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(documents) > 40
    for path in documents:
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            if not re.match(r"[a-z]+:", link):
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def wanted(name):
    """The packages a ``.in`` file asks for, as the lock spells them."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    return [re.match(r"[\w.-]+", line)[0].lower() for line in lines if re.match(r"\w", line)]


def pins(name):
    locked = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", locked, re.MULTILINE))


def test_the_line_of_apps_is_the_installed_apps():
    line = CONTRACTS["Apps know only the apps to their right"]["layers"]
    assert line[0] == "config"
    assert line[1:] == list(reversed(settings.LOCAL_APPS))
    assert PROJECT["tool"]["importlinter"]["root_packages"] == line
    assert settings.INSTALLED_APPS[: len(settings.LOCAL_APPS)] == settings.LOCAL_APPS


def test_every_app_has_heights():
    held = [
        app
        for contract in CONTRACTS.values()
        if contract["type"] == "layers" and contract.get("exhaustive")
        for app in contract["containers"]
    ]
    assert sorted(held) == sorted(settings.LOCAL_APPS)


def test_the_top_of_the_repository_is_the_layout():
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP


def test_every_tick_is_a_task_in_utc():
    app.loader.import_default_modules()
    for name, tick in settings.CELERY_BEAT_SCHEDULE.items():
        assert tick["task"] in app.tasks, name
    assert settings.CELERY_TIMEZONE == "UTC"


def test_celery_survives_a_hung_broker_and_a_killed_worker():
    for name, value in {
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_time_limit": 300,
        "task_soft_time_limit": 270,
        "worker_max_tasks_per_child": 200,
        "worker_max_memory_per_child": 400_000,
        "broker_connection_timeout": 1,
        "task_publish_retry": False,
        "worker_soft_shutdown_timeout": 30,
        "accept_content": ["json"],
    }.items():
        assert app.conf[name] == value, name
    assert app.conf.broker_transport_options == {
        "visibility_timeout": 900,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "retry_on_timeout": False,
    }
