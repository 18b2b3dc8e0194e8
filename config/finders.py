"""Static files that come out of installed packages, so that nothing third-party is committed."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

NAME = "plotly.min.js"
PREFIX = "plotly"


class PlotlyFinder(BaseFinder):
    """Finds plotly/plotly.min.js, and nothing else, in the installed Plotly."""

    def check(self, **_options: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        found = str(folder() / NAME)
        if path != f"{PREFIX}/{NAME}" or not Path(found).exists():
            return []
        return [found] if find_all else found

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = FileSystemStorage(location=folder())
        storage.prefix = PREFIX  # type: ignore[attr-defined]
        yield NAME, storage


def folder() -> Path:
    """Where the package keeps the script, found without importing the package."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise LookupError("Plotly is not installed.")
    return Path(spec.origin).parent / "package_data"
