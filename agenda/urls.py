"""Pages of the common agenda inside an initiative."""

from django.urls import path

from agenda.views import differences, glossary, listening, overview, positions, views

app_name = "agenda"
ROUND = "listening/<int:listening_id>/"
DIFFERENCE = "differences/<int:difference_id>/"
SIDE = DIFFERENCE + "sides/<int:side_id>/"
RESOLUTION = DIFFERENCE + "resolutions/<int:resolution_id>/"
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
    path("differences/", differences.differences, name="differences"),
    path("differences/new/", differences.difference_new, name="difference_new"),
    path(DIFFERENCE, differences.difference, name="difference"),
    path(DIFFERENCE + "move/", differences.difference_move, name="difference_move"),
    path(DIFFERENCE + "arrange/", differences.difference_arrange, name="difference_arrange"),
    path(DIFFERENCE + "comments/", differences.difference_comment, name="difference_comment"),
    path(DIFFERENCE + "proposals/", differences.difference_propose, name="difference_propose"),
    path(DIFFERENCE + "resolve/", differences.difference_resolve, name="difference_resolve"),
    path(DIFFERENCE + "reopen/", differences.difference_reopen, name="difference_reopen"),
    path(SIDE + "edit/", differences.side_edit, name="side_edit"),
    path(SIDE + "fair/", differences.side_fair, name="side_fair"),
    path(SIDE + "take/", differences.side_take, name="side_take"),
    path(SIDE + "assign/", differences.side_assign, name="side_assign"),
    path(RESOLUTION + "confirm/", differences.resolution_confirm, name="resolution_confirm"),
    path(RESOLUTION + "withdraw/", differences.resolution_withdraw, name="resolution_withdraw"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("glossary/new/", glossary.term_new, name="term_new"),
    path("glossary/<int:term_id>/", glossary.term, name="term"),
    path("glossary/<int:term_id>/define/", glossary.term_define, name="term_define"),
    path("glossary/<int:term_id>/rename/", glossary.term_rename, name="term_rename"),
    path("glossary/<int:term_id>/agree/", glossary.term_agree, name="term_agree"),
    path("glossary/<int:term_id>/move/", glossary.term_move, name="term_move"),
    path("glossary/<int:term_id>/variants/", glossary.variant_say, name="variant_say"),
    path(
        "glossary/<int:term_id>/variants/<int:variant_id>/map/",
        glossary.variant_map,
        name="variant_map",
    ),
]
