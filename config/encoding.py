"""What a request says of its letters: they are UTF-8, as those of every page that we send."""

import re
from collections.abc import Callable
from typing import Any

CHARSET = re.compile(r";\s*charset\s*\*?=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)


def in_utf_8(application: Callable[..., Any]) -> Callable[..., Any]:
    """Leave out the encoding that a request claims, before anything of it is read.

    Django believes it where it makes the request, outside of all that answers errors; and Python
    knows encodings that are none of letters (``idna``, ``hex``).
    """

    def read(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        kind = environ.get("CONTENT_TYPE") or ""
        if "charset" in kind.lower():
            plain = CHARSET.sub("", kind)
            environ["CONTENT_TYPE"] = (
                plain.partition(";")[0] if "charset" in plain.lower() else plain
            )
        return application(environ, start_response)

    return read
