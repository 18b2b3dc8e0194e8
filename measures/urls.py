"""Pages of shared measurement inside an initiative."""

from django.urls import path

from measures.views import dashboards, sharing

app_name = "measures"
urlpatterns = [
    path("", dashboards.dashboard, name="dashboard"),
    path("own/", dashboards.own_dashboard, name="own_dashboard"),
    path("indicators/<int:indicator_id>/", dashboards.indicator, name="indicator"),
    path(
        "indicators/<int:indicator_id>/computed/<int:period_id>/",
        dashboards.computed,
        name="computed",
    ),
    path("shares/", sharing.shares, name="shares"),
    path("shares/<int:share_id>/revoke/", sharing.share_revoke, name="share_revoke"),
]
