"""The shared vocabulary: proposed, discussed, agreed with or without variants (A11), given up."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import Mapping, TermState
from agenda.models import GlossaryTerm, TermDefinition, TermVariant
from agenda.querysets.listening import speaks
from initiatives import jobs
from initiatives.audit import record
from initiatives.choices import Means, OrganizationKind
from initiatives.models import Membership
from initiatives.permissions import Permission

MOVES = {
    (TermState.CANDIDATE, TermState.IN_DISCUSSION),
    (TermState.AGREED, TermState.IN_DISCUSSION),
    (TermState.AGREED_WITH_VARIANTS, TermState.IN_DISCUSSION),
    (TermState.DEPRECATED, TermState.IN_DISCUSSION),
    *((state, TermState.DEPRECATED) for state in TermState if state != TermState.DEPRECATED),
}


def propose_term(
    *, actor: Membership, label: str, meaning: str, also: Sequence[str] = (), source: str = ""
) -> GlossaryTerm:
    """Propose a word that all should mean the same by."""
    _require(actor, Permission.AGENDA_GLOSSARY_PROPOSE)
    with transaction.atomic():
        _check_forms([label, *also])
        term = GlossaryTerm.here(label=label, also=list(also), proposed_by_id=actor.user_id)
        term.save()
        _define(actor, term, meaning, source)
        record(actor, "agenda.term_proposed", term)
    return term


def describe_term(
    *,
    label: str,
    meaning: str,
    also: Sequence[str] = (),
    source: str = "",
    state: str = TermState.AGREED,
) -> GlossaryTerm:
    """A term as the description of a new initiative has it, agreed elsewhere before.

    :raises ValidationError: another term is written so.
    """
    with transaction.atomic():
        _check_forms([label, *also])
        agreed_at = timezone.now() if state == TermState.AGREED else None
        term = GlossaryTerm.here(label=label, also=list(also), state=state, agreed_at=agreed_at)
        term.save()
        TermDefinition.here(
            term=term, number=1, text=meaning, source=source, agreed_at=agreed_at
        ).save()
        record(None, "agenda.term_proposed", term, means=Means.COMMAND)
    return term


def define_term(
    *, actor: Membership, term: GlossaryTerm, meaning: str, source: str, version: int
) -> TermDefinition:
    """Put the meaning into other words. What was agreed stays in force until this is agreed."""
    with transaction.atomic():
        locked = lock(term)
        is_own = locked.proposed_by_id == actor.user_id and locked.state == TermState.CANDIDATE
        if not (is_own or actor.may(Permission.AGENDA_GLOSSARY_EDIT)):
            raise PermissionDenied
        _check_version(locked, version)
        definition = _define(actor, locked, meaning, source)
        locked.version += 1
        locked.save()
        record(actor, "agenda.term_defined", locked, number=definition.number)
    return definition


def rename_term(
    *, actor: Membership, term: GlossaryTerm, label: str, also: Sequence[str], version: int
) -> GlossaryTerm:
    """Write a term differently, or say how else it is written."""
    _require(actor, Permission.AGENDA_GLOSSARY_EDIT)
    with transaction.atomic():
        locked = lock(term)
        _check_version(locked, version)
        _check_forms([label, *also], but=locked)
        locked.label, locked.also = label, list(also)
        locked.version += 1
        locked.save()
        record(actor, "agenda.term_renamed", locked)
        jobs.enqueue("agenda.find_uses")
    return locked


def say_variant(
    *,
    actor: Membership,
    term: GlossaryTerm,
    label: str,
    meaning: str,
    mapping: str,
    mapped_as: str = "",
) -> TermVariant:
    """Say how one's own organization uses a word.

    A clash with an agreed term opens the term again: nobody is outvoted by a dictionary.
    """
    if actor.organization.kind == OrganizationKind.BACKBONE or not (
        speaks(actor, Permission.AGENDA_GLOSSARY_AGREE) or actor.may(Permission.MEASURES_SUBMIT)
    ):
        raise PermissionDenied
    if mapping != Mapping.SAME and not meaning:
        raise ValidationError(_("Say what you mean by it."))
    with transaction.atomic():
        locked = lock(term)
        if mapping == Mapping.CLASHES and _opens_again(locked, mapped_as):
            _set_state(actor, locked, TermState.IN_DISCUSSION)
        variant, _made = TermVariant.objects.update_or_create(
            initiative_id=locked.initiative_id,
            term=locked,
            organization_id=actor.organization_id,
            defaults={
                "label": label,
                "meaning": meaning,
                "mapping": mapping,
                "mapped_as": mapped_as if mapping == Mapping.CLASHES else "",
                "said_by_id": actor.user_id,
                "said_at": timezone.now(),
            },
        )
        record(actor, "agenda.variant_said", locked, mapping=mapping)
    return variant


def map_variant(*, actor: Membership, variant: TermVariant, mapped_as: str) -> TermVariant:
    """Say what an organization's clashing word corresponds to in shared words."""
    own = variant.organization_id == actor.organization_id
    if not (
        actor.may(Permission.AGENDA_GLOSSARY_EDIT)
        or (own and actor.may(Permission.AGENDA_GLOSSARY_AGREE))
    ):
        raise PermissionDenied
    with transaction.atomic():
        term = lock(variant.term)
        locked: TermVariant = TermVariant.objects.get(pk=variant.pk)
        if locked.mapping != Mapping.CLASHES:
            raise ValidationError(_("Only a word that means something else is mapped."))
        locked.mapped_as = mapped_as
        locked.version += 1
        locked.save()
        record(actor, "agenda.variant_mapped", term)
    return locked


def agree_term(*, actor: Membership, term: GlossaryTerm, version: int) -> GlossaryTerm:
    """Agree on the latest definition (A11): no clash, or each of them mapped."""
    _require(actor, Permission.AGENDA_GLOSSARY_EDIT)
    with transaction.atomic():
        locked = lock(term)
        _check_version(locked, version)
        definition = locked.definitions.first()
        if definition is None:
            raise ValidationError(_("Write down a meaning first."))
        variants = TermVariant.objects.filter(term=locked).select_related("organization")
        if clashing := [str(each.organization) for each in variants.clashing()]:
            raise ValidationError(
                _("%(names)s: the word means something else there. Map it first."),
                params={"names": ", ".join(clashing)},
            )
        if definition.agreed_at is None:
            definition.agreed_at = timezone.now()
            definition.save(update_fields=["agreed_at"])
        clashes = variants.filter(mapping=Mapping.CLASHES).exists()
        locked.agreed_at = timezone.now()
        _set_state(actor, locked, TermState.AGREED_WITH_VARIANTS if clashes else TermState.AGREED)
    return locked


def move_term(*, actor: Membership, term: GlossaryTerm, to: str) -> GlossaryTerm:
    """Discuss it, discuss it again, or use it no longer."""
    _require(actor, Permission.AGENDA_GLOSSARY_EDIT)
    with transaction.atomic():
        locked = lock(term)
        if (locked.state, to) not in MOVES:
            raise ValidationError(_("This step cannot be taken from here."))
        _set_state(actor, locked, to)
    return locked


def lock(term: GlossaryTerm) -> GlossaryTerm:
    """The row, held against everybody else who decides on it."""
    found: GlossaryTerm = GlossaryTerm.objects.select_for_update(of=("self",), no_key=True).get(
        pk=term.pk
    )
    return found


def _opens_again(term: GlossaryTerm, mapped_as: str) -> bool:
    if term.state == TermState.AGREED:
        return True
    return term.state == TermState.AGREED_WITH_VARIANTS and not mapped_as


def _define(actor: Membership, term: GlossaryTerm, meaning: str, source: str) -> TermDefinition:
    last = term.definitions.first()
    definition = TermDefinition.here(
        term=term,
        number=last.number + 1 if last else 1,
        text=meaning,
        source=source,
        written_by_id=actor.user_id,
    )
    definition.save()
    return definition


def _check_version(term: GlossaryTerm, version: int) -> None:
    if term.version != version:
        raise ValidationError(_("Somebody else changed this meanwhile. Look again."))


def _check_forms(forms: Sequence[str], but: GlossaryTerm | None = None) -> None:
    """One written form stands for one term."""
    taken = {
        form.lower(): label
        for term_id, label, form in written_forms_of_all()
        if but is None or term_id != but.pk
    }
    for form in forms:
        if form.lower() in taken:
            raise ValidationError(
                _("“%(form)s” is in the glossary already, as “%(label)s”."),
                params={"form": form, "label": taken[form.lower()]},
            )


def written_forms_of_all() -> list[tuple[int, str, str]]:
    """Every way in which a term is written, agreed or not: its id, its label, the form."""
    rows = GlossaryTerm.objects.values_list("pk", "label", "also")
    return [(pk, label, form) for pk, label, also in rows for form in (label, *also)]


def _set_state(actor: Membership, term: GlossaryTerm, state: str) -> None:
    before, term.state = term.state, state
    term.version += 1
    term.save()
    record(actor, f"agenda.term_{state}", term, before=before)
    jobs.enqueue("agenda.find_uses")


def _require(actor: Membership, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDenied
