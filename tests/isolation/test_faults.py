"""S9, the tests of the tests: each fault that has let tenants see each other elsewhere is put in,
and the check that is there for it must see it. Those of the schema are in ``test_catalogue``.
"""

import ast
from contextlib import nullcontext

import pytest
from django import forms
from django.db import DatabaseError, connection, models

from initiatives import access, jobs, links, tenancy
from initiatives.choices import LinkPurpose
from initiatives.models import Job, Organization, Place, SignedLink
from initiatives.tenancy import NoInitiativeInScope, scope
from measures.forms.sharing import ShareForm
from measures.models import Indicator
from measures.querysets import OwnQuerySet
from tests.architecture import test_security_rules as rules
from tests.isolation import catalogue, pages, test_catalogue, test_forms, test_rows, test_urls

pytestmark = pytest.mark.django_db(transaction=True)


def test_faults_in_the_schema_are_seen():
    """1 a dropped policy, 2 NO FORCE, 3 a view without security_invoker."""
    for check in (
        catalogue.tables_without_policy,
        catalogue.tables_without_row_security,
        catalogue.views,
    ):
        test_catalogue.test_the_fault_is_seen(check)


def test_fault_4_a_setting_that_outlives_its_transaction(twins, monkeypatch):
    def tell(context):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.initiative', %s, false)", [str(context.initiative_id or "")]
            )

    monkeypatch.setattr(tenancy, "_tell", tell)
    monkeypatch.setattr(tenancy, "_is_usable", lambda: False)
    try:
        with pytest.raises(AssertionError):
            test_rows.test_no_context_is_left_after_a_commit(twins)
    finally:
        connection.close()


def test_fault_5_a_cache_key_without_the_initiative():
    source = ast.parse("from django.core.cache import cache\ncache.set('dashboard', 1)")
    assert rules.uses_of_the_cache(source) != []


def test_fault_6_a_queryset_without_a_scope(twins, monkeypatch):
    monkeypatch.setattr(tenancy.ScopedManager, "get_queryset", models.Manager.get_queryset)
    with pytest.raises(DatabaseError, match="tenant context not set"):
        list(Place.objects.all())  # the second wall still stands
    with pytest.raises(DatabaseError):
        test_rows.test_without_a_context_every_manager_raises(None)


class Unscoped(forms.CharField):
    """Takes any id at its word."""

    def clean(self, value):
        return Indicator(pk=int(value)) if str(value).isdecimal() else None


def test_fault_7_a_form_field_that_takes_any_id(client, twins, monkeypatch):
    field = Unscoped(
        required=False, widget=forms.Select(choices=[(twins[0].objects["indicator_id"], "x")])
    )
    monkeypatch.setitem(ShareForm.base_fields, "indicator", field)
    client.raise_request_exception = False
    mine, theirs = twins
    page = f"/i/{mine.slug}/measures/shares/"
    [form] = [each for each in pages.forms_of(client, mine, [page]) if each.action == page]
    assert test_forms.taken(client, form, mine, theirs, pages.filled) != []


@pytest.mark.slow
def test_fault_8_and_12_rows_of_the_whole_initiative_for_each_organization(
    client, twins, monkeypatch
):
    """An object by its id without asking whose it is; a list by initiative, not organization."""
    monkeypatch.setattr(OwnQuerySet, "visible_to", lambda self, _membership: self)
    monkeypatch.setattr(
        OwnQuerySet,
        "filter",
        lambda self, *args, **kw: models.QuerySet.filter(
            self, *args, **{name: kw[name] for name in kw if name != "organization_id"}
        ),
    )
    with pytest.raises(AssertionError):
        test_urls.test_submissions_of_another_organization_stay_theirs(client, twins)


def test_fault_9_a_task_without_its_context(twins, monkeypatch):
    read = []

    def work():
        read.extend(Organization.objects.all())

    monkeypatch.setitem(jobs._handlers, "faulty", jobs.Handler(work, in_scope=True))
    monkeypatch.setattr(jobs, "scope", lambda *_args, **_kwargs: nullcontext())
    job = Job.objects.create(initiative_id=twins[0].initiative_id, kind="faulty", key="x")
    assert jobs.run(job.pk) is False
    assert read == []
    assert NoInitiativeInScope.__name__ in Job.objects.get(pk=job.pk).last_error


def test_fault_10_a_link_that_opens_whatever_it_is_sent_to(client, twins, monkeypatch):
    def find(token, _purpose: LinkPurpose):
        return SignedLink.objects.filter(digest=links.digest(token)).first()

    monkeypatch.setattr(links, "find", find)
    with pytest.raises(AssertionError):
        test_urls.test_a_link_opens_its_own_purpose_alone(client, twins)


def test_fault_11_a_scope_without_a_transaction(twins, monkeypatch):
    monkeypatch.setattr(tenancy.transaction, "atomic", lambda **_options: nullcontext())
    with (
        pytest.raises(RuntimeError, match="inside a transaction"),
        scope(twins[0].initiative_id),
    ):
        pass


@pytest.mark.slow
def test_a_door_that_asks_nobody_is_seen(client, twins, monkeypatch):
    """Besides the twelve: a permission that everyone has."""
    monkeypatch.setattr(access.Membership, "may", lambda _self, _permission: True)
    with pytest.raises(AssertionError):
        test_urls.test_members_without_the_permission_are_refused(client, twins)
