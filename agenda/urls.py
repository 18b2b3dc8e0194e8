"""Pages of the common agenda inside an initiative."""

from django.urls import path

from agenda.views import listening, overview, positions, views

app_name = "agenda"
ROUND = "listening/<int:listening_id>/"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("listening/new/", listening.listening_new, name="listening_new"),
    path(ROUND, listening.listening, name="listening"),
    path(ROUND + "edit/", listening.listening_edit, name="listening_edit"),
    path(ROUND + "open/", listening.listening_open, name="listening_open"),
    path(ROUND + "extend/", listening.listening_extend, name="listening_extend"),
    path(ROUND + "close/", listening.listening_close, name="listening_close"),
    path(ROUND + "questions/new/", listening.question_new, name="question_new"),
    path(ROUND + "questions/<int:facet_id>/", listening.question_edit, name="question_edit"),
    path(
        ROUND + "questions/<int:facet_id>/remove/",
        listening.question_remove,
        name="question_remove",
    ),
    path(ROUND + "position/", positions.position, name="position"),
    path(ROUND + "views/", views.side_by_side, name="side_by_side"),
]
