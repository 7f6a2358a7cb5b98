"""What is filled in about a webhook endpoint: its URL, whose events it receives, and which kinds?"""

from typing import Any

from django import forms
from django.utils.html import format_html

from integrations.webhooks import endpoints
from integrations.webhooks.endpoints import EndpointSpec
from integrations.webhooks.models import WebhookEndpoint
from orders.models import Seller
from orders.timeline.kinds import kinds

_NAMED = '{} <span class="d-code d-quiet">{}</span>'
KINDS = [
    ("Everything", [("*", "All events, including future kinds; untick to choose")]),
    *(
        (
            noun.capitalize(),
            [(f"{noun}.*", format_html(_NAMED, f"All {noun} events", f"{noun}.*"))]
            + [
                (kind, format_html(_NAMED, kinds()[kind].name, kind))
                for kind in endpoints.KINDS
                if kind.startswith(f"{noun}.")
            ],
        )
        for noun in endpoints.NOUNS
    ),
]


class EndpointForm(forms.Form):
    """What an endpoint wants to hear, and where."""

    name = forms.CharField(max_length=80, help_text="Who receives them, such as “finance”.")
    url = forms.CharField(label="URL", max_length=500, help_text="Must be a public https:// URL.")
    sellers = forms.ModelMultipleChoiceField(
        Seller.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only events of these sellers. Leave empty for all, including future sellers.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "d-kinds"}),
        error_messages={"required": "Choose at least one event."},
    )

    @staticmethod
    def about(row: WebhookEndpoint) -> dict[str, Any]:
        """What it begins with."""
        sellers = () if row.every_seller else row.sellers.all()
        return {"name": row.name, "url": row.url, "kinds": row.kinds, "sellers": sellers}

    def spec(self) -> EndpointSpec:
        """What was filled in, as the verbs take it; kinds that another one holds already are left out."""
        data = self.cleaned_data
        wide = {kind for kind in data["kinds"] if kind.endswith("*")}
        kinds = ["*"] if "*" in wide else [k for k in data["kinds"] if k in wide or f"{k.split('.')[0]}.*" not in wide]
        return EndpointSpec(data["name"], data["url"].strip(), kinds, list(data["sellers"]) or None)
