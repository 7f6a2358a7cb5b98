"""What is the project's own app called?"""

from django.apps import AppConfig


class HemiIntakeConfig(AppConfig):
    """The project itself: settings, admin site, health, demo."""

    name = "hemi_intake"
    verbose_name = "Hemi Intake"
