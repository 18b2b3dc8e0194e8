"""Pages of continuous communication inside an initiative."""

from django.urls import path

from meetings.views import calendar, seats, subscriptions

app_name = "meetings"
urlpatterns = [
    path("", calendar.overview, name="overview"),
    path("calendar/", subscriptions.subscription, name="subscription"),
    path("bodies/new/", calendar.body_new, name="body_new"),
    path("bodies/<int:body_id>/", calendar.body, name="body"),
    path("bodies/<int:body_id>/series/new/", calendar.series_new, name="series_new"),
    path("series/<int:series_id>/", calendar.series, name="series"),
    path("series/<int:series_id>/change/", calendar.series_change, name="series_change"),
    path("series/<int:series_id>/<str:day>/", calendar.meeting_open, name="meeting_open"),
    path("meetings/<int:meeting_id>/", calendar.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/seats/<int:seat_id>/", seats.seat, name="seat"),
    path("meetings/<int:meeting_id>/move/", calendar.meeting_move, name="meeting_move"),
    path("meetings/<int:meeting_id>/cancel/", calendar.meeting_cancel, name="meeting_cancel"),
]
