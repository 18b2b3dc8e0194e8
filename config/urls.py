"""Where every page lives. The first segment says whose page it is."""

from django.urls import include, path

from initiatives.views import probes

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("account/", include("allauth.urls")),
    path("", include("initiatives.urls")),
]
