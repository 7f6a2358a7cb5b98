"""Which address leads where?"""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from hemi_intake import readiness
from integrations.gateways import receive

handler400 = "hemi_intake.api.refusals.bad_request"
handler403 = "hemi_intake.error_pages.forbidden"
handler404 = "hemi_intake.error_pages.not_found"
handler500 = "hemi_intake.api.refusals.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("hemi_intake.api_urls")),
    path("providers/<slug:provider>/events", receive.receive, name="provider-events"),
    path("healthz", readiness.alive, name="healthz"),
    path("readyz", readiness.ready, name="readyz"),
]
