"""Where do the admin's looks come from? (the only file that knows the theme; without it the admin is Django's own)"""

from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING or not apps.is_installed("unfold"):
    from django.contrib.admin import AdminSite, ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.sites import UnfoldAdminSite as AdminSite

__all__ = [
    "AdminSite",
    "ModelAdmin",
    "TabularInline",
]
