"""Pages of the common agenda inside an initiative."""

from django.urls import path

from agenda.views import (
    amendments,
    differences,
    drafts,
    glossary,
    listening,
    overview,
    positions,
    ratification,
    reservations,
    versions,
    views,
)

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
    path(
        ROUND + "organizations/<int:organization_id>/excuse/",
        listening.organization_excuse,
        name="organization_excuse",
    ),
    path(
        ROUND + "newcomers/<int:newcomer_id>/admit/",
        positions.newcomer_admit,
        name="newcomer_admit",
    ),
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
    path(RESOLUTION + "refuse/", differences.resolution_refuse, name="resolution_refuse"),
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
    path("versions/", versions.versions, name="versions"),
    path("versions/start/", versions.version_start, name="version_start"),
    path("versions/<int:agenda_id>/", versions.agenda_version, name="agenda_version"),
    path("versions/<int:agenda_id>/edit/", versions.version_edit, name="version_edit"),
    path("versions/<int:agenda_id>/compare/", versions.version_compare, name="version_compare"),
    path("versions/<int:agenda_id>/comments/", versions.comment_create, name="comment_create"),
    path(
        "versions/<int:agenda_id>/circulate/",
        versions.version_circulate,
        name="version_circulate",
    ),
    path(
        "versions/<int:agenda_id>/take-back/",
        versions.version_take_back,
        name="version_take_back",
    ),
    path("versions/<int:agenda_id>/withdraw/", versions.version_withdraw, name="version_withdraw"),
    path("versions/<int:agenda_id>/publish/", versions.version_publish, name="version_publish"),
    path("versions/<int:agenda_id>/deadlock/", versions.deadlock_break, name="deadlock_break"),
    path(
        "versions/<int:agenda_id>/open/", ratification.ratification_open, name="ratification_open"
    ),
    path("versions/<int:agenda_id>/ratification/", ratification.ratification, name="ratification"),
    path(
        "versions/<int:agenda_id>/respond/",
        ratification.ratification_respond,
        name="ratification_respond",
    ),
    path("versions/<int:agenda_id>/remind/", ratification.silent_remind, name="silent_remind"),
    path("versions/<int:agenda_id>/return/", ratification.version_return, name="version_return"),
    path("versions/<int:agenda_id>/observe/", ratification.observer_become, name="observer_become"),
    path(
        "versions/<int:agenda_id>/statements/<int:agenda_dimension_id>/split/",
        ratification.dimension_split,
        name="dimension_split",
    ),
    path(
        "versions/<int:agenda_id>/organizations/<int:organization_id>/answer/",
        ratification.answer_for,
        name="answer_for",
    ),
    path(
        "versions/<int:agenda_id>/organizations/<int:organization_id>/contact/",
        ratification.contact_record,
        name="contact_record",
    ),
    path(
        "versions/<int:agenda_id>/organizations/<int:organization_id>/pause/",
        ratification.organization_pause,
        name="organization_pause",
    ),
    path(
        "answers/<int:answer_id>/evidence/",
        ratification.response_evidence,
        name="response_evidence",
    ),
    path(
        "answers/<int:answer_id>/contest/",
        ratification.response_contest,
        name="response_contest",
    ),
    path(
        "answers/<int:answer_id>/confirm/",
        ratification.response_confirm,
        name="response_confirm",
    ),
    path("versions/<int:agenda_id>/words/", amendments.amendment_create, name="amendment_create"),
    path("words/<int:amendment_id>/send/", amendments.amendment_send, name="amendment_send"),
    path(
        "words/<int:amendment_id>/withdraw/",
        amendments.amendment_withdraw,
        name="amendment_withdraw",
    ),
    path("words/<int:amendment_id>/decide/", amendments.amendment_decide, name="amendment_decide"),
    path("versions/<int:agenda_id>/drafts/", drafts.reservation_drafts, name="reservation_drafts"),
    path("reservations/", reservations.reservations, name="reservations"),
    path("reservations/<int:reservation_id>/", reservations.reservation, name="reservation"),
    path(
        "reservations/<int:reservation_id>/lift/",
        reservations.reservation_lift,
        name="reservation_lift",
    ),
    path(
        "reservations/<int:reservation_id>/overtaken/",
        reservations.reservation_overtaken,
        name="reservation_overtaken",
    ),
    path(
        "reservations/<int:reservation_id>/review/",
        reservations.reservation_review,
        name="reservation_review",
    ),
]
