"""How long files and engines wait for a lock is not how long another one may stand still."""

import pytest

from measures.imports import staging
from measures.rollups import draining, stages, tables
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    for module in (staging, stages, draining, tables):
        patient = f"{module.PATIENCE}; SET LOCAL lock_timeout = '{PATIENCE}s'"
        monkeypatch.setattr(module, "PATIENCE", patient)
