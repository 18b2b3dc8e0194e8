"""Whatever a template loads is there: a deployment's manifest refuses anything else."""

import re

from django.contrib.staticfiles import finders

from tests.architecture import sources

STATIC = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")


def test_every_file_a_template_names_exists():
    missing = [
        f"{sources.name_of(path)}: {name}"
        for path in sources.templates()
        for name in STATIC.findall(path.read_text())
        if finders.find(name) is None
    ]
    assert missing == []
