"""How does the theme show this product? (its settings: colours, style sheet, and the menu with what waits)"""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

MOST = 99

_WAITING = """
SELECT (SELECT count(*) FROM (SELECT FROM refunds_refund WHERE status = 'proposed' LIMIT %s) r),
       (SELECT count(*) FROM (SELECT FROM orders_attentionitem WHERE closed_at IS NULL LIMIT %s) a)
"""

_MENU = (
    (
        "Desk",
        (
            ("Overview", "home", "index", "", ""),
            ("Refunds", "currency_exchange", "refunds_refund_changelist", "refunds.view_refund", "refunds"),
            ("Numbers", "monitoring", "refunds_numbers", "refunds.view_refund", ""),
            ("Orders", "package_2", "orders_order_changelist", "orders.view_order", ""),
            ("Attention", "flag", "orders_attentionitem_changelist", "orders.view_attentionitem", "attention"),
        ),
    ),
    (
        "Warehouse",
        (
            ("Sync runs", "sync", "integrations_syncrun_changelist", "integrations.view_syncrun", ""),
            ("Messages", "mail", "integrations_archivedmessage_changelist", "integrations.view_archivedmessage", ""),
            (
                "Disagreements",
                "compare_arrows",
                "integrations_disagreement_changelist",
                "integrations.view_disagreement",
                "",
            ),
            ("Connectors", "cable", "integrations_proskuconnector_changelist", "integrations.view_proskuconnector", ""),
            ("ProSKU sellers", "key", "integrations_proskuseller_changelist", "integrations.view_proskuseller", ""),
            ("Status words", "translate", "integrations_statusword_changelist", "integrations.view_statusword", ""),
        ),
    ),
    (
        "Set up",
        (
            ("Sellers", "storefront", "orders_seller_changelist", "orders.view_seller", ""),
            ("Sales channels", "shopping_cart", "orders_saleschannel_changelist", "orders.view_saleschannel", ""),
            ("Refund policies", "rule", "refunds_refundpolicy_changelist", "refunds.view_refundpolicy", ""),
            (
                "Provider news",
                "campaign",
                "integrations_providerevent_changelist",
                "integrations.view_providerevent",
                "",
            ),
            ("Webhooks", "webhook", "integrations_webhookendpoint_changelist", "integrations.view_webhookendpoint", ""),
            ("API keys", "vpn_key", "integrations_apikey_changelist", "integrations.view_apikey", ""),
            ("People", "group", "auth_user_changelist", "auth.view_user", ""),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, of what this person may see, with how much waits beside it (one query)."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [MOST + 1, MOST + 1])
        row = cursor.fetchone() or (0, 0)
    waiting = dict(zip(("refunds", "attention"), row, strict=True))
    return [
        {"title": title, "items": [item for entry in entries if (item := _item(request, waiting, entry))]}
        for title, entries in _MENU
    ]


def _item(
    request: HttpRequest, waiting: dict[str, int], entry: tuple[str, str, str, str, str]
) -> dict[str, Any] | None:
    title, icon, view, permission, counts = entry
    if permission and not request.user.has_perm(permission):
        return None
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse(f"admin:{view}")}
    many = waiting.get(counts, 0)
    if many:
        item["badge"] = f"{MOST}+" if many > MOST else many
        item["badge_variant"] = "primary"
    return item


def style(request: HttpRequest) -> str:
    """The address of our own style sheet."""
    return static("hemi_intake/desk.css")


def icon(request: HttpRequest) -> str:
    """The address of the icon that browsers show beside the title."""
    return static("hemi_intake/icon.svg")


def script(request: HttpRequest) -> str:
    """The address of our own script."""
    return static("hemi_intake/desk.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Hemi Intake",
    "SITE_HEADER": "Hemi Intake",
    "SITE_SYMBOL": "package_2",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [style],
    "SCRIPTS": [script],
    "SIDEBAR": {"navigation": navigation},
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}
