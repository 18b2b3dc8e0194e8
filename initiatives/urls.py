"""Pages of the ground."""

from django.urls import URLPattern, URLResolver, path

from initiatives.views import home, invitations, people

app_name = "initiatives"
HERE = "i/<slug:initiative>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.my_initiatives, name="my_initiatives"),
    path("initiatives/new/", home.initiative_new, name="initiative_new"),
    path(HERE, home.today, name="today"),
    path(HERE + "speak-for/", home.membership_switch, name="membership_switch"),
    path(HERE + "organizations/", people.organizations, name="organizations"),
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
    path(HERE + "acts/", people.acts, name="acts"),
    path("link/invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
]
