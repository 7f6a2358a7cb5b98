"""What is a page of the admin? Pages show, buttons act: a list, a page per row, and verbs that answer POST only."""

from orders.backoffice.pages import form_values
from orders.backoffice.pages.editable import FormedPage
from orders.backoffice.pages.preferences import View
from orders.backoffice.pages.row import Page
from orders.backoffice.pages.scoped import SHARED
from orders.backoffice.pages.sections import Button, Contributor, Offer, RowForm, Section
from orders.backoffice.pages.settings_form import PlainFields

__all__ = [
    "SHARED",
    "Button",
    "Contributor",
    "FormedPage",
    "Offer",
    "Page",
    "PlainFields",
    "RowForm",
    "Section",
    "View",
    "form_values",
]
