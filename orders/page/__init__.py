"""What is a page of the admin? Pages show, buttons act: a list, a page per row, and verbs that answer POST only."""

from orders.page.formed import FormedPage
from orders.page.likes import View
from orders.page.parts import Button, Contributor, Offer, RowForm, Section
from orders.page.row import Page
from orders.page.sight import SHARED
from orders.page.table import Searched

__all__ = ["SHARED", "Button", "Contributor", "FormedPage", "Offer", "Page", "RowForm", "Searched", "Section", "View"]
