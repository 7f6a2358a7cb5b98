"""What are the project's own app, and the admin with its site, called?"""

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as stock
from django.core.checks import register


class HemiIntakeConfig(AppConfig):
    """The project itself: settings, admin site, health, demo."""

    name = "hemi_intake"
    verbose_name = "Hemi Intake"
    default = True

    def ready(self) -> None:
        """Watch over the tasks of every worker, and know what to check before going live."""
        from hemi_intake import checks  # noqa: PLC0415  (needs the models)
        from integrations import schedules  # noqa: PLC0415

        schedules.end_stuck_workers()
        register(checks.providers, deploy=True)


class AdminConfig(stock.AdminConfig):
    """Django's admin, on our own site."""

    default = False
    default_site = "hemi_intake.admin_site.Site"

    def ready(self) -> None:
        """Find every admin page, then seal the machinery's."""
        super().ready()
        from hemi_intake import admin_site  # noqa: PLC0415  (needs the models)

        admin_site.restrict_technical_models(admin.site)
