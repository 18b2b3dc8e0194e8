"""What templates may hold: the content security policy allows nothing inline."""

import re

from tests.architecture import sources

INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<(script|style)\b[^>]*>", re.IGNORECASE)
OTHER_HOST = re.compile(r"""(?:src|href|action)\s*=\s*["']https?://""", re.IGNORECASE)
MARKED_SAFE = re.compile(r"\|\s*safe\b|{%\s*autoescape off|mark_safe\(")
# HTML that went through the one sanitizer may be marked safe where it does.
SAFE_ALLOWED = ()


def pages():
    """Templates that a browser shows; mail has no nonce and no policy."""
    return [path for path in sources.templates() if "emails" not in path.parts]


def offending(pattern, paths):
    return [
        f"{sources.name_of(path)}: {match[0]}"
        for path in paths
        for match in pattern.finditer(re.sub(r"{#.*?#}", "", path.read_text()))
    ]


def test_no_inline_styles():
    assert offending(INLINE_STYLE, pages()) == []


def test_no_inline_handlers():
    assert offending(INLINE_HANDLER, pages()) == []


def test_scripts_carry_the_nonce():
    found = [
        each
        for each in offending(SCRIPT, pages())
        if "csp_nonce" not in each and 'type="application/json"' not in each
    ]
    assert found == []


def test_nothing_is_loaded_from_another_host():
    assert (
        offending(
            OTHER_HOST,
            [
                p
                for p in pages()
                if "<link" in p.read_text() or "<script" in p.read_text() or "<img" in p.read_text()
            ],
        )
        == []
    )


def test_nothing_is_marked_safe():
    paths = [*sources.templates(), *sources.python()]
    assert [
        each
        for each in offending(MARKED_SAFE, paths)
        if not each.startswith(tuple(SAFE_ALLOWED) or ("\0",))
    ] == []


def test_names_say_page_partial_or_mail():
    for path in sources.templates():
        assert path.suffix in {".html", ".txt", ".subject"}, path
        if "emails" in path.parts and path.parent.name == "emails":
            message = path.name.split(".")[0]
            for part in ("subject", "txt", "html"):
                assert (path.parent / f"{message}.{part}").exists(), f"{message}.{part}"
