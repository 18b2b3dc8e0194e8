"""What must not be written, as the accidents of others teach; each rule sees its own fault."""

import ast
import math
import re
from collections import Counter

import pytest

from tests.architecture import sources

# Where the shared cache is spoken to; everything else would need a key with the initiative in it.
# Its parts of pages have the initiative, and what the reader may, in their keys.
CACHE_ALLOWED = ("config/cache.py", "initiatives/revalidation.py", "initiatives/views/probes.py")
# Django and the standard library offer these; here nothing needs them.
FORBIDDEN_CALLS = {
    "csrf_exempt": "every POST carries its token",
    "mark_safe": "templates escape",
    "eval": "no text becomes code",
    "exec": "no text becomes code",
    "loads_pickle": "no bytes become objects",
    "xframe_options_exempt": "no page is framed",
}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "telnetlib", "ftplib", "xmlrpc"}
SESSION_SETTING = re.compile(
    r"set_config\([^)]*,\s*false\s*\)|\bSET\s+(SESSION\s+)?app\.", re.IGNORECASE
)
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}|\bxox[bap]-\w{10,}"
    r"|\bcip_[\w-]{43}\b|://[\w-]+:[^\s@/${}.*<]{8,}@(?!localhost)"
)
NAMED = re.compile(
    r"""(?i)\b(\w*(?:secret|password|passwd|api_?key|token)\w*)["']?\s*[:=]\s*["']([^"'\s]{16,})["']"""
)
CAPITALS = re.compile(r"(email|recipient|address)__iexact$")
MOST_ENTROPY = 3.7  # bits a letter: words have less, random letters more


def uses_of_the_cache(tree: ast.AST):
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.core.cache"
        and {each.name for each in node.names} & {"cache", "caches"}
    ]


def forbidden(tree: ast.AST):
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [module] if module else [each.name for each in node.names]
            found += [name for name in names if name.split(".")[0] in FORBIDDEN_IMPORTS]
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        if isinstance(node, ast.Name | ast.Attribute) and name in FORBIDDEN_CALLS:
            found.append(name)
    return found


def shells(tree: ast.AST):
    """Programs that are started through a shell."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
        and node.arg == "shell"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]


def models_forms_with_every_field(tree: ast.AST):
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(getattr(target, "id", "") in {"fields", "exclude"} for target in node.targets)
        and (ast.unparse(node.value) == "'__all__'" or node.targets[0].id == "exclude")  # type: ignore[attr-defined]
    ]


def days_without_bounds(tree: ast.AST):
    """Day fields besides our own: the year 9999 breaks the page that shows it, for everyone."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"forms.DateField", "forms.DateTimeField"}
    ]


def texts_without_bounds(tree: ast.AST):
    """Text fields that take whatever fits into a request: every page and search carries it on."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "forms.CharField"
        and not {"max_length", None} & {each.arg for each in node.keywords}
    ]


def digits_read_by_hand(tree: ast.AST):
    """Numbers from outside that are taken for ids or versions when they look like digits: five
    thousand of them are digits too, and so are superscripts. ``initiatives.ids.is_id`` knows.
    """
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"isdigit", "isdecimal", "isnumeric"}
    ]


def addresses_in_capitals(tree: ast.AST):
    """``iexact`` compares capitals, and those of another domain may be the same: ``lower`` is exact."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and CAPITALS.search(node.arg or "")
    ]


def secrets_in(text: str):
    found = [match[0] for match in SECRET.finditer(text)]
    return found + [match[0] for match in NAMED.finditer(text) if entropy(match[2]) > MOST_ENTROPY]


def entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


ALLOWED = {
    uses_of_the_cache: CACHE_ALLOWED,
    texts_without_bounds: ("config/styleguide.py",),  # a form that nobody sends
    # What knows, and what reads files, where a number is a value and has its own bounds.
    digits_read_by_hand: (
        *("config/environment.py", "initiatives/ids.py", "initiatives/middleware.py"),
        *("initiatives/templatetags/", "measures/imports/", "meetings/templatetags/"),
    ),
}
RULES = {
    uses_of_the_cache: "from django.core.cache import cache",
    forbidden: "from django.utils.safestring import mark_safe\nmark_safe(name)",
    shells: "run(words, shell=True)",
    days_without_bounds: "day = forms.DateField()",
    texts_without_bounds: "text = forms.CharField(required=False)",
    digits_read_by_hand: "number = int(said) if said.isdecimal() else 0",
    addresses_in_capitals: "rows.filter(user__email__iexact=said)",
    models_forms_with_every_field: "class Meta:\n    fields = '__all__'",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule):
    found = [
        f"{sources.name_of(path)}: {each}"
        for path in sources.python()
        if not (rule in ALLOWED and sources.matches(path, ALLOWED[rule]))
        for each in rule(sources.tree(path))
    ]
    assert found == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_its_fault(rule):
    assert rule(ast.parse(RULES[rule])) != []


def test_no_setting_outlives_its_transaction():
    found = [
        f"{sources.name_of(path)}: {match[0]}"
        for path in sources.python()
        for match in SESSION_SETTING.finditer(path.read_text())
    ]
    assert found == []
    assert SESSION_SETTING.search("SELECT set_config('app.initiative', %s, false)")
    assert SESSION_SETTING.search("SET app.initiative = 1")


def test_no_secret_is_in_the_repository():
    found = [
        f"{sources.name_of(path)}: {each[:60]}"
        for path in sources.tracked()
        if path.suffix not in {".gz", ".png", ".xz", ".zip", ".woff2", ".mo", ".po", ".js", ".txt"}
        and sources.name_of(path).split("/")[0] != "tests"
        for each in secrets_in(path.read_text(errors="replace"))
    ]
    assert found == []


def test_a_secret_would_be_seen():
    key = "cip_" + "aB3_" * 10 + "xyz"
    for text in (
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        f'url = "https://concert.example/link/{key}"',
        'SECRET_KEY = "' + "k2Jd8sQp0ZxV7bN4mL1c" + '"',
        "postgresql://app:" + "hunter2hunter2" + "@db/concert",
    ):
        assert secrets_in(text) != []
