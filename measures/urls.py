"""Pages of shared measurement inside an initiative."""

from django.urls import path

from measures.views import checks, collection, dashboards, goals, imports, sharing
from measures.views.setup import aims, indicators, rounds

app_name = "measures"
urlpatterns = [
    path("", dashboards.dashboard, name="dashboard"),
    path("own/", dashboards.own_dashboard, name="own_dashboard"),
    path("indicators/<int:indicator_id>/", dashboards.indicator, name="indicator"),
    path("indicators/<int:indicator_id>/numbers.csv", dashboards.numbers, name="numbers"),
    path("indicators/<int:indicator_id>/goal/", goals.indicator_goal, name="indicator_goal"),
    path(
        "indicators/<int:indicator_id>/computed/<int:period_id>/",
        dashboards.computed,
        name="computed",
    ),
    path("checks/", checks.rollup_checks, name="rollup_checks"),
    path("shares/", sharing.shares, name="shares"),
    path("shares/<int:share_id>/revoke/", sharing.share_revoke, name="share_revoke"),
    path("collection/", collection.collection, name="collection"),
    path("collection/accept/", collection.accept_submissions, name="accept_submissions"),
    path("collection/<int:pk>/", collection.submission_review, name="submission_review"),
    path("collection/<int:pk>/return/", collection.return_submission, name="return_submission"),
    path("collection/<int:pk>/reopen/", collection.reopen_submission, name="reopen_submission"),
    path(
        "collection/<int:pk>/facts/<int:fact>/correct/",
        collection.correct_number,
        name="correct_number",
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:import_id>/", imports.import_run, name="import_run"),
    path("imports/<int:import_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:import_id>/decimals/", imports.import_mark, name="import_mark"),
    path("imports/<int:import_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/columns/<int:column_id>/", imports.column_forget, name="column_forget"),
    path("imports/<int:import_id>/drop/", imports.import_drop, name="import_drop"),
    path("imports/template/<int:round_id>/", imports.import_template, name="import_template"),
    path("form/<int:pk>/", collection.submission, name="submission"),
    path("setup/indicators/", indicators.indicators, name="indicators"),
    path("setup/indicators/new/", indicators.indicator_new, name="indicator_new"),
    path(
        "setup/indicators/<int:indicator_id>/", indicators.indicator_setup, name="indicator_setup"
    ),
    path(
        "setup/indicators/<int:indicator_id>/edit/",
        indicators.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "setup/indicators/<int:indicator_id>/state/",
        indicators.indicator_state,
        name="indicator_state",
    ),
    path(
        "setup/indicators/<int:indicator_id>/definitions/new/",
        indicators.definition_new,
        name="definition_new",
    ),
    path("setup/indicators/<int:indicator_id>/targets/new/", aims.target_new, name="target_new"),
    path(
        "setup/indicators/<int:indicator_id>/baselines/new/",
        aims.baseline_new,
        name="baseline_new",
    ),
    path(
        "setup/indicators/<int:indicator_id>/assignments/new/",
        aims.assignment_new,
        name="assignment_new",
    ),
    path("setup/assignments/<int:assignment_id>/end/", aims.assignment_end, name="assignment_end"),
    path("setup/rounds/", rounds.rounds, name="rounds"),
    path("setup/rounds/<int:round_id>/", rounds.round_setup, name="round_setup"),
    path("setup/rounds/<int:round_id>/close/", rounds.round_close, name="round_close"),
    path("setup/calendars/", rounds.calendars, name="calendars"),
    path(
        "setup/calendars/<int:calendar_id>/extend/",
        rounds.calendar_extend,
        name="calendar_extend",
    ),
]
