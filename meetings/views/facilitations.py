"""Series given to somebody to facilitate, and taken back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from meetings.forms.facilitations import FacilitationForm
from meetings.models import Facilitation
from meetings.services.facilitations import end_facilitation, give_series
from meetings.views.calendar import series_of, series_page


@require_POST
@initiative_view(Permission.MEETINGS_EDIT)
def series_give(request: InitiativeRequest, series_id: int) -> HttpResponse:
    """Let somebody facilitate a series, and nothing else, for some time."""
    found, actor = series_of(request, series_id), request.membership
    form = FacilitationForm(request.POST, actor=actor)
    if form.is_valid():
        try:
            give_series(actor=actor, series=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            person = form.cleaned_data["membership"].user
            messages.success(request, _("%(name)s may facilitate it.") % {"name": person})
            return redirect("meetings:series", actor.initiative.slug, found.pk)
    return series_page(request, found, giving=form)


@require_POST
@initiative_view(Permission.MEETINGS_EDIT)
def series_take_back(
    request: InitiativeRequest, series_id: int, facilitation_id: int
) -> HttpResponse:
    """End it now."""
    series, actor = series_of(request, series_id), request.membership
    rows = Facilitation.objects.filter(series=series).select_related("membership__user", "series")
    end_facilitation(actor=actor, facilitation=get_object_or_404(rows, pk=facilitation_id))
    return redirect("meetings:series", actor.initiative.slug, series.pk)
