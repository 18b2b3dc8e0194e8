"""What a body talks about."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.models import Difference
from initiatives.choices import Means
from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.models import Indicator
from meetings.choices import AgendaAnswerKind, ItemPurpose, ItemState
from meetings.models.bodies import Body, Seat
from meetings.models.series import Meeting
from meetings.querysets import ItemQuerySet, OfMeetingQuerySet


class AgendaItem(TenantModel):
    """One thing to talk about, proposed by an organization; it waits until a meeting takes it."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="items")
    meeting = TenantForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="items")
    purpose = models.CharField(
        _("purpose"), max_length=8, choices=ItemPurpose, default=ItemPurpose.DISCUSS
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what it is about"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    position = models.PositiveSmallIntegerField(default=0)
    proposer = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    proposed_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    owner = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    indicator = TenantForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    difference = TenantForeignKey(
        Difference, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.PROPOSED)
    # It was to be decided, and is discussed: its papers came late and nobody waived that.
    is_lowered = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # of declining
    carried_from = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to"
    )
    times_carried = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ItemQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "carried_from"], name="one_item_carried_once"
            ),
            models.CheckConstraint(condition=Q(minutes__range=(1, 480)), name="item_takes_minutes"),
            models.CheckConstraint(
                condition=~Q(state=ItemState.DECLINED) | ~Q(reason=""),
                name="item_is_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def asks_to_decide(self) -> bool:
        """Whether the seats were told that it is to be decided."""
        return self.is_lowered or self.purpose == ItemPurpose.DECIDE

    @property
    def is_open(self) -> bool:
        """Whether something is still to become of it."""
        return self.state in {ItemState.PROPOSED, ItemState.ACCEPTED, ItemState.SCHEDULED}


class AgendaAnswer(TenantModel):
    """A seat's word on the agenda as it stood; a changed agenda asks again."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="agenda_answers")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=AgendaAnswerKind)
    text = models.TextField(_("what should change"), blank=True)
    digest = models.CharField(max_length=64)  # of the agenda that was answered
    answered_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)
    # Of a request for change: what became of it, as whoever sets the agenda says.
    resolved_at = models.DateTimeField(null=True)
    resolved_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    resolution = models.TextField(_("what became of it"), blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfMeetingQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat"], name="one_agenda_answer_per_seat"
            ),
            models.CheckConstraint(
                condition=~Q(kind=AgendaAnswerKind.CHANGE) | ~Q(text=""),
                name="change_request_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat.organization}, {self.meeting}: {self.get_kind_display()}"

    @property
    def is_open_change(self) -> bool:
        return self.kind == AgendaAnswerKind.CHANGE and self.resolved_at is None


class PreRead(TenantModel):
    """Something to read before a meeting. A new version is a new row with the same ``name``."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="pre_reads")
    item = TenantForeignKey(
        AgendaItem, models.CASCADE, null=True, blank=True, related_name="pre_reads"
    )
    name = models.CharField(_("title"), max_length=200)
    number = models.PositiveSmallIntegerField(default=1)  # of the version
    text = models.TextField(_("text"), blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    file = models.CharField(max_length=200, blank=True)  # its name in private storage
    file_name = models.CharField(max_length=150, blank=True)  # the name it is handed out under
    difference = models.TextField(_("what changed"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes to read"), default=5)
    digest = models.CharField(max_length=64)
    published_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfMeetingQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "name", "number"], name="one_pre_read_per_version"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Acknowledgement(TenantModel):
    """Somebody has read a version of a pre-read."""

    pre_read = TenantForeignKey(PreRead, models.CASCADE, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    means = models.CharField(max_length=10, choices=Means, default=Means.WEB)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "pre_read", "user"], name="one_acknowledgement_per_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.pre_read_id}"


class PreReadWaiver(TenantModel):
    """An organization present lets an item be decided although its pre-reads came late."""

    item = TenantForeignKey(AgendaItem, models.CASCADE, related_name="waivers")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    given_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "item", "organization"], name="one_waiver_per_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} waives for {self.item_id}"
