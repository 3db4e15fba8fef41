"""Every address of Holdline."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from accounts.company_views import company
from api.views import DocsView, NotHere
from config.front import views
from config.watching import health

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

urlpatterns = [
    path("", views.home, name="home"),
    path("setup/", include("config.setup.door_urls")),
    path("settings/setup/", include("config.setup.urls")),
    path("search/", views.search, name="search"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
    path("gallery/", views.gallery, name="gallery"),
    path("accounts/", include("accounts.urls")),
    # allauth's own, without its pages for accounts of others: signing in by a provider is ours (decision 38)
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("escalations/", include("escalations.urls")),
    path("triage/", include("escalations.triage.urls")),
    path("callbacks/", include("escalations.callbacks.urls")),
    path("reports/", include("escalations.reports.urls")),
    path("notifications/", include("escalations.inbox.urls")),
    path("settings/audit/", include("config.audit.urls")),
    path("settings/company/", company, name="company"),
    path("settings/everything/", include("config.moving.urls")),
    path("settings/calendar/", include("escalations.calendars.urls")),
    path("settings/import/", include("patients.imports.urls")),
    path("settings/people/", include("accounts.people_urls")),
    path("settings/emergency/", include("patients.emergency_urls")),
    path("accounts/provider/", include("work.oidc.urls")),
    path("settings/sign-in/", include("work.oidc.settings_urls")),
    path("settings/mail/", include("work.mailing.urls")),
    path("settings/webhooks/", include("work.hooks.urls")),
    path("settings/teams/", include("accounts.team_urls")),
    path("", include("escalations.guide_urls")),
    path("", include("escalations.settings_urls")),
    path("patients/", include("patients.urls")),
    path("payers/", include("patients.payer_urls")),
    path("tables/", include("tables.urls")),
    path("", include("config.runs.urls")),
    path("", include("deductibles.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(), name="docs"),
    path("api/v1/", include("patients.api_urls")),
    path("api/v1/", include("escalations.api_urls")),
    path("api/v1/", include("deductibles.api_urls")),
    path("api/v1/", include("work.hooks.api_urls")),
    path("api/v1/", include("config.runs.api_urls")),
    path("api/v1/<path:rest>", NotHere.as_view(), name="api_not_here"),
]
