"""The style guide shows every component, and stands where DEBUG is on, nowhere else."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from config import supervise
from tests.browser.conftest import PATIENT
from tests.browser.judging import judge
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.browser
TEMPLATES = Path(settings.BASE_DIR) / "templates"
INCLUDED = re.compile(r'{%\s*include\s+"(?P<name>[^"]+)"|{%\s*(?P<tag>status)\s')


@pytest.fixture
def debugging(site):
    """The address of the same site as a developer runs it."""
    port = supervise.free_port(0)
    here = Path(sys.executable).parent
    process = subprocess.Popen(
        [str(here / "gunicorn"), "-c", "python:config.gunicorn", "config.wsgi"],
        cwd=settings.BASE_DIR,
        env={**site.environment, "DEBUG": "true", "BIND": f"127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"

    def is_up():
        assert process.poll() is None
        return supervise.answers(address)

    try:
        until(is_up, f"an answer from {address}")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def test_it_reads_well(browser, debugging):
    context = browser.new_context()
    context.set_default_timeout(PATIENT)
    page = context.new_page()
    page.goto(f"{debugging}/styleguide/")
    said = judge(page)
    context.close()
    assert said == []


def test_a_deployment_has_none(site):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{site.address}/styleguide/")


def included(name, seen):
    if name in seen or not (TEMPLATES / name).exists():
        return
    seen.add(name)
    for found in INCLUDED.finditer((TEMPLATES / name).read_text()):
        included("components/status_pill.html" if found["tag"] else found["name"], seen)


def test_every_component_is_shown():
    shown: set[str] = set()
    for name in ("styleguide.html", "_styleguide.html", "base.html"):
        included(name, shown)
    # Django puts a form through these two.
    shown |= {"components/form.html", "components/form_field.html"}
    components = {f"components/{each.name}" for each in (TEMPLATES / "components").glob("*.html")}
    assert components - shown == set()
