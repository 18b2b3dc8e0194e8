"""Whether it is working: what a reader with two minutes asks first."""

from collections.abc import Iterable

from django.utils.translation import gettext as _, ngettext

from measures.selectors.figures import Figure


def is_it_working(figures: Iterable[Figure]) -> str:
    """What has become of the targets in force, in a sentence; nothing where none is in force."""
    verdicts = [figure.verdict for figure in figures if figure.verdict]
    tones = [each.tone for each in verdicts]
    n, met, early, worse = len(tones), *(tones.count(each) for each in ("good", "info", "bad"))
    if not n:
        return ""
    if early == n:
        return ngettext(
            "It is too early to say whether the target is met: not enough have reported.",
            "It is too early to say whether any of the %(n)d targets is met: not enough have"
            " reported.",
            n,
        ) % {"n": n}
    said = _met(n, met)
    if any(each.is_so_far for each in verdicts if each.tone == "good"):
        said = _("%(verdict)s so far") % {"verdict": said}
    parts = [said]
    if early:
        parts.append(_("for %(n)d it is too early to say") % {"n": early})
    if worse:
        parts.append(
            ngettext(
                "%(n)d is farther away than at the start",
                "%(n)d are farther away than at the start",
                worse,
            )
            % {"n": worse}
        )
    return f"{'; '.join(parts)}."


def _met(n: int, met: int) -> str:
    if met == n:
        return ngettext("The target is met", "All %(n)d targets are met", n) % {"n": n}
    if met:
        words = ngettext("%(met)d of %(n)d targets is met", "%(met)d of %(n)d targets are met", met)
        return words % {"met": met, "n": n}
    words = ngettext("The target is not met yet", "None of the %(n)d targets is met yet", n)
    return words % {"n": n}
