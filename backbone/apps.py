"""The backbone: staff, work board, partner file, health; it looks across all the others."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackboneConfig(AppConfig):
    name = "backbone"
    verbose_name = _("Backbone")
