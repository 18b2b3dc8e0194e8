"""Pages of continuous communication inside an initiative."""

from django.urls import path

from meetings.views import (
    agendas,
    announcements,
    bodies,
    calendar,
    letters,
    papers,
    seats,
    subscriptions,
)

app_name = "meetings"
urlpatterns = [
    path("", calendar.overview, name="overview"),
    path("attendance/", bodies.attendance, name="attendance"),
    path("calendar/", subscriptions.subscription, name="subscription"),
    path("quiet/", letters.quiet, name="quiet"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/new/", announcements.announcement_new, name="announcement_new"),
    path(
        "announcements/<int:announcement_id>/",
        announcements.announcement,
        name="announcement",
    ),
    path(
        "announcements/<int:announcement_id>/edit/",
        announcements.announcement_edit,
        name="announcement_edit",
    ),
    path(
        "announcements/<int:announcement_id>/send/",
        announcements.announcement_send,
        name="announcement_send",
    ),
    path(
        "announcements/<int:announcement_id>/delete/",
        announcements.announcement_delete,
        name="announcement_delete",
    ),
    path("bodies/new/", calendar.body_new, name="body_new"),
    path("bodies/<int:body_id>/", calendar.body, name="body"),
    path("bodies/<int:body_id>/seats/<int:seat_id>/", bodies.seat_holder, name="seat_holder"),
    path("bodies/<int:body_id>/seats/<int:seat_id>/end/", bodies.seat_end, name="seat_end"),
    path("bodies/<int:body_id>/series/new/", calendar.series_new, name="series_new"),
    path("series/<int:series_id>/", calendar.series, name="series"),
    path("series/<int:series_id>/change/", calendar.series_change, name="series_change"),
    path("series/<int:series_id>/<str:day>/", calendar.meeting_open, name="meeting_open"),
    path("meetings/<int:meeting_id>/", calendar.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/ask/", agendas.seats_ask, name="seats_ask"),
    path("meetings/<int:meeting_id>/items/new/", agendas.item_propose, name="item_propose"),
    path("meetings/<int:meeting_id>/papers/new/", papers.paper_publish, name="paper_publish"),
    path("items/<int:item_id>/", agendas.item, name="item"),
    path("items/<int:item_id>/schedule/", agendas.item_schedule, name="item_schedule"),
    path("items/<int:item_id>/decline/", agendas.item_decline, name="item_decline"),
    path("items/<int:item_id>/delegate/", agendas.item_delegate, name="item_delegate"),
    path("items/<int:item_id>/move/", agendas.item_move, name="item_move"),
    path("items/<int:item_id>/waive/", agendas.item_waive, name="item_waive"),
    path("answers/<int:agenda_answer_id>/resolve/", agendas.change_resolve, name="change_resolve"),
    path("papers/<int:pre_read_id>/", papers.paper, name="paper"),
    path("papers/<int:pre_read_id>/file/", papers.paper_file, name="paper_file"),
    path("meetings/<int:meeting_id>/seats/<int:seat_id>/", seats.seat, name="seat"),
    path("meetings/<int:meeting_id>/move/", calendar.meeting_move, name="meeting_move"),
    path("meetings/<int:meeting_id>/cancel/", calendar.meeting_cancel, name="meeting_cancel"),
]
