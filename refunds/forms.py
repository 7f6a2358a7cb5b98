"""What does a person post when deciding on a refund? What they saw, and their words."""

from django import forms

_UNREADABLE = "The page did not say what you saw: open it again, then decide."


class SeenForm(forms.Form):
    """The version and the amount (minor units) that stood on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": _UNREADABLE})
    amount = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": _UNREADABLE})


class WhyForm(forms.Form):
    """A reason, which stays on the timeline."""

    why = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Please give a reason: it stays on the timeline."}
    )


class RejectForm(SeenForm, WhyForm):
    """A refusal of what was seen, with its reason."""

    field_order = ("why", "version", "amount")


class ReferenceForm(forms.Form):
    """Under which reference the provider paid."""

    reference = forms.CharField(
        label="Provider's reference",
        max_length=200,
        error_messages={"required": "Please enter the reference under which it was paid."},
    )
