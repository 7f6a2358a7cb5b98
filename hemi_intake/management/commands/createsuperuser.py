"""Django's command, which asks the rules for passwords also when it asks nobody (--noinput), and is on record."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import Max

from orders.timeline import audit


class Command(createsuperuser.Command):
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses a password of DJANGO_SUPERUSER_PASSWORD that the form would refuse."""
        password = os.environ.get("DJANGO_SUPERUSER_PASSWORD", "")
        if not options["interactive"] and password:
            name = options.get("username") or os.environ.get("DJANGO_SUPERUSER_USERNAME", "")
            try:
                validate_password(password, User(username=name))
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
        last = User.objects.aggregate(last=Max("pk"))["last"] or 0
        super().handle(*args, **options)
        for person in User.objects.filter(pk__gt=last, is_superuser=True):
            audit.record(audit.SERVER, "Created superuser", about=f"user {person.get_username()}")
