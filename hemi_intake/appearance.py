"""How does the theme show this product? (its settings: colours, style sheets)"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

# In this sequence: what small screens and paper need overrules what stands before it.
_STYLE_SHEETS = ("base", "controls", "tables", "parts", "overview", "frame", "narrow", "print")


def _style_sheet(name: str) -> Callable[[HttpRequest], str]:
    return lambda request: static(f"hemi_intake/{name}.css")


def icon(request: HttpRequest) -> str:
    """The address of the icon that browsers show beside the title."""
    return static("hemi_intake/icon.svg")


def _script(name: str) -> Callable[[HttpRequest], str]:
    return lambda request: static(f"hemi_intake/{name}.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Hemi Intake",
    "SITE_HEADER": "Hemi Intake",
    "SITE_SYMBOL": "package_2",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [_style_sheet(name) for name in _STYLE_SHEETS],
    "SCRIPTS": [_script("backoffice"), _script("typed")],
    "SIDEBAR": {"navigation": "hemi_intake.menu.navigation"},
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
