"""What is filled in about a person?"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import password_validation
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import Group, User
from django.contrib.auth.validators import UnicodeUsernameValidator

from hemi_intake.staff import accounts
from orders import time_zones
from orders.backoffice import seller_scope
from orders.backoffice.pages import RowForm, form_values
from orders.models import Person, Seller


def zone_field() -> forms.ChoiceField:
    """A time zone; nothing stands for the installation's own."""
    return forms.ChoiceField(
        label="Time zone",
        required=False,
        choices=lambda: [("", "UTC (installation default)"), *time_zones.choices()],
        help_text="Times and dates are shown in this time zone.",
    )


class PersonForm(forms.Form):
    """Name, role, sellers and time zone."""

    first_name = forms.CharField(required=False, max_length=150)
    last_name = forms.CharField(required=False, max_length=150)
    email = forms.EmailField(label="E-mail", required=False)
    role = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        empty_label="None (no access yet)",
        help_text="Viewers look, reviewers reject and propose, approvers approve, managers change settings, "
        "administrators look after users. Nobody does two of the last three.",
    )
    sellers = forms.ModelMultipleChoiceField(
        Seller.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Limits access to these sellers. Leave empty for all, including future sellers.",
    )
    time_zone = zone_field()

    def __init__(self, *args: Any, by: User, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        kept = accounts.role_of(person) if person else None
        shown["role"].queryset = accounts.roles(by) | Group.objects.filter(pk=kept.pk if kept else 0)
        shown["sellers"].queryset = seller_scope.sellers(by)
        if seller_scope.of(by) is not None:
            shown["sellers"].required = True
            shown["sellers"].help_text = "Limits access to these sellers. Choose at least one."

    @staticmethod
    def about(person: User) -> dict[str, Any]:
        """What it begins with."""
        row = Person.objects.filter(user=person).first()
        return {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "role": accounts.role_of(person),
            "sellers": row.sellers.all() if row else (),
            "time_zone": row.time_zone if row else "",
        }

    @classmethod
    def stored(cls, person: User, by: User) -> form_values.Values:
        """What is stored, as the form shows it."""
        return {"": form_values.of_form(cls(by=by, person=person, initial=cls.about(person)))}

    def wish(self) -> accounts.AccountSpec:
        """What was filled in, as the verbs take it."""
        told = {name: self.cleaned_data[name] for name in ("first_name", "last_name", "email", "role", "time_zone")}
        return accounts.AccountSpec(**told, sellers=list(self.cleaned_data["sellers"]))


def _password_field() -> forms.CharField:
    return forms.CharField(
        label="Password",
        strip=False,
        # What was typed is not rendered again.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Pass it on securely; the user can change it under “My settings”.",
    )


class NewPersonForm(PersonForm):
    """The same with the name that they log in with, which stays: the record of what they did goes by it."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="It cannot be changed later.",
    )
    password = _password_field()
    field_order = ("username", "password")

    def clean_username(self) -> str:
        """A name that nobody has, whatever its case."""
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("This user name is taken.")
        return name

    def clean_password(self) -> str:
        """A password that is not easily guessed."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password


class PasswordForm(RowForm):
    """A new password for somebody who forgot theirs."""

    password = _password_field()

    def clean_password(self) -> str:
        """A password that is not easily guessed."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.row)
        return password


class MyForm(forms.Form):
    """What everybody chooses for themselves."""

    time_zone = zone_field()


class MyPasswordForm(PasswordChangeForm):
    """The password until now, and twice the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, help_text in (
            ("old_password", "Current password", ""),
            ("new_password1", "New password", "At least 12 characters, not only digits, and nothing easily guessed."),
            ("new_password2", "New password again", ""),
        ):
            self.fields[name].label, self.fields[name].help_text = label, help_text


class LogInForm(AdminAuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": "Incorrect user name or password. "
        f"After {settings.AXES_FAILURE_LIMIT} failed attempts you are locked out for 15 minutes.",
        "inactive": "Your account is deactivated. Ask an administrator.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        if self.is_bound:
            # The name is there already, and most often right.
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True
