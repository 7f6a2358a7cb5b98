"""What an action on an order is made of: its button, its permission, its event and how the API calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from orders.errors import REASON_REQUIRED
from orders.models import Order
from orders.timeline.kinds import EventKind

HOLD, ANNOTATE = "orders.hold_order", "orders.annotate_order"


class Param(NamedTuple):
    """One value that an action asks for: text in one line or in several, the id of a row, or a file.

    `missing` is what is said where it is left out, `describes` is read by people who call the API.
    """

    name: str
    label: str
    missing: str = ""
    max_length: int = 0
    kind: str = "text"
    describes: str = ""


class Call(NamedTuple):
    """One call of an action; `by` is the person, None for other systems, and `actor` how the timeline names them."""

    order: Order
    values: dict[str, Any]
    actor: str
    by: User | None = None


class Endpoint(NamedTuple):
    """How other systems call an action: POST to this path below the order, answered with this status."""

    path: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Verb:
    """An action that people and other systems may take on an order.

    `perform` does it and returns the sentence that says what happened. `confirm` is read before it happens. An action
    `in_place` stands where the page puts it, all others at its head. Without an `endpoint` the API does not offer it.
    """

    name: str
    label: str
    permission: str
    event: EventKind
    perform: Callable[[Call], str]
    params: tuple[Param, ...] = ()
    possible: Callable[[Order], bool] = lambda order: True
    confirm: Callable[[Order], str] = lambda order: ""
    tone: str = ""
    key: str = ""
    in_place: bool = False
    endpoint: Endpoint | None = None
    describes: str = ""


REASON = Param(
    "why",
    "Reason",
    REASON_REQUIRED,
    280,
    describes="The reason; it stays on the timeline.",
)
