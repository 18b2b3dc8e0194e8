"""Where every page lives. The first segment says whose page it is."""

from django.conf import settings
from django.urls import include, path

from agenda.views import positions, public
from initiatives.views import probes
from measures.views import collection, sharing
from meetings.views import letters, papers, seats, subscriptions

handler400 = "initiatives.views.broken.bad_request"
handler500 = "initiatives.views.broken.server_error"
urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("letters/", letters.letters, name="letters"),
    path("account/", include("allauth.urls")),
    path("i/<slug:initiative>/agenda/", include("agenda.urls")),
    path("i/<slug:initiative>/measures/", include("measures.urls")),
    path("i/<slug:initiative>/meetings/", include("meetings.urls")),
    path("link/position/<str:token>/", positions.position_link, name="position_link"),
    path("link/calendar/<str:token>/", subscriptions.calendar_feed, name="calendar_feed"),
    path("link/seat/<str:token>/", seats.seat_link, name="seat_link"),
    path("agenda/<slug:initiative>/", public.public_agenda, name="public_agenda"),
    path("link/seat/<str:token>/papers/<int:pre_read_id>/", papers.seat_paper, name="seat_paper"),
    path("link/weekly/<str:token>/", letters.weekly_end, name="weekly_end"),
    path("link/form/<str:token>/", collection.form_link, name="form_link"),
    path("link/dashboard/<str:token>/", sharing.shared_dashboard, name="shared_dashboard"),
    path("link/dashboard/<str:token>/agenda/", sharing.shared_agenda, name="shared_agenda"),
    path(
        "link/dashboard/<str:token>/<int:indicator_id>/numbers.csv",
        sharing.shared_numbers,
        name="shared_numbers",
    ),
    path("", include("initiatives.urls")),
]

if settings.DEBUG:
    from config.styleguide import styleguide

    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
