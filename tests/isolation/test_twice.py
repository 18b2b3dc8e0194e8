"""Forms that make something new: sent twice, by a double click or the back button, they make it
once. Everyone of them is read from its page.
"""

from django.urls import resolve

from tests.isolation import pages
from tests.isolation.test_forms import forms, send
from tests.isolation.test_urls import rows_of

KEY = "idempotency_key"
# What would stand there twice; what has a key of its own (a code, one answer a seat) need not be here.
MAKE = {
    *("initiatives:initiative_new", "initiatives:organizations", "initiatives:organization_new"),
    *("initiatives:places", "measures:shares", "measures:indicator_new"),
    *("agenda:listening_new", "agenda:question_new", "agenda:difference_new"),
    *("agenda:difference_comment", "agenda:difference_propose", "agenda:comment_create"),
    *("meetings:series_new", "meetings:body_new", "meetings:item_propose"),
    *("meetings:announcement_new", "meetings:decision_new", "meetings:action_new"),
}


def test_what_makes_something_new_makes_it_once(client, twins):
    mine, _theirs = twins
    found = [each for each in forms(client, mine) if each.method == "post"]
    keyed = [each for each in found if KEY in {field.name for field in each.fields}]
    named = {resolve(each.action).view_name for each in keyed}
    assert sorted(MAKE - named) == [], "give the form its key ({% once %}) and the view its @once"
    wrong = []
    for form in keyed:
        values = pages.filled(form) | {KEY: [f"twice-{len(wrong)}-{form.action}"[:128]]}
        first = send(client, form, values)
        if first.status_code >= 400:
            continue  # nothing was done
        before = rows_of(mine.initiative_id)
        again = send(client, form, values)
        changed = [name for name, row in rows_of(mine.initiative_id).items() if row != before[name]]
        if changed or again.status_code != first.status_code:
            wrong.append(f"{form.action}: {changed or again.status_code}")
    assert wrong == []
