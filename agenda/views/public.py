"""The ratified agenda as everyone may read it, once it is published."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agenda.selectors.cover import published_cover
from initiatives.access import public_view
from initiatives.models import Initiative
from initiatives.tenancy import scope


@require_safe
@public_view("the ratified agenda, where the initiative published it")
def public_agenda(request: HttpRequest, initiative: str) -> HttpResponse:
    found = get_object_or_404(Initiative, slug=initiative)
    with scope(found.pk):
        cover = published_cover()
        if cover is None:
            raise Http404
        return render(request, "agenda/public_agenda.html", {"initiative": found, "cover": cover})
