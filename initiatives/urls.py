"""Pages of the ground."""

from django.urls import URLPattern, URLResolver, path

from initiatives.views import account, failures, home, invitations, organizations, people

app_name = "initiatives"
HERE = "i/<slug:initiative>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.my_initiatives, name="my_initiatives"),
    path("account/", account.account, name="account"),
    path("second-factor/", home.second_factor, name="second_factor"),
    path("initiatives/new/", home.initiative_new, name="initiative_new"),
    path(HERE, home.today, name="today"),
    path(HERE + "speak-for/", home.membership_switch, name="membership_switch"),
    path(HERE + "organizations/", people.organizations, name="organizations"),
    path(HERE + "organizations/new/", organizations.organization_new, name="organization_new"),
    path(
        HERE + "organizations/<int:organization_id>/",
        organizations.organization,
        name="organization",
    ),
    path(
        HERE + "organizations/<int:organization_id>/edit/",
        organizations.organization_edit,
        name="organization_edit",
    ),
    path(HERE + "places/", organizations.places, name="places"),
    path(HERE + "places/<int:place_id>/", organizations.place, name="place"),
    path(HERE + "people/", people.members, name="members"),
    path(HERE + "people/<int:pk>/", people.member, name="member"),
    path(HERE + "people/<int:pk>/end/", people.membership_end, name="membership_end"),
    path(HERE + "invitations/", invitations.invitations, name="invitations"),
    path(
        HERE + "invitations/<int:pk>/resend/",
        invitations.invitation_resend,
        name="invitation_resend",
    ),
    path(
        HERE + "invitations/<int:pk>/revoke/",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path(HERE + "settings/", people.settings, name="settings"),
    path(HERE + "settings/failures/", failures.failures, name="failures"),
    path(HERE + "settings/failures/work/<int:job_id>/", failures.job_retry, name="job_retry"),
    path(
        HERE + "settings/failures/letters/<int:notice_id>/",
        failures.notice_retry,
        name="notice_retry",
    ),
    path(HERE + "acts/", people.acts, name="acts"),
    path("link/invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
]
