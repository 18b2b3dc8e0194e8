"""Pages of the common agenda inside an initiative."""

from django.urls import path

from agenda.views import overview

app_name = "agenda"
urlpatterns = [
    path("", overview.overview, name="overview"),
]
