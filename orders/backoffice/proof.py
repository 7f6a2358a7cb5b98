"""Did whoever sits here prove lately who they are? Asked again, in the middle of what they do, before much money moves.

A log-in is a proof, and so is the password given again on the page that asks for it. That page carries what was posted
to it, so that nothing has to be done twice.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from orders.backoffice.theme import AdminSite
from orders.errors import ActionRefused

FRESH = timedelta(minutes=10)
FIELD = "proof_password"
_SESSION = "proved_at"


class ProofRequired(ActionRefused):
    """The last proof is too old for this act."""

    def __init__(self) -> None:
        super().__init__("Give your password again: this is above a limit.", code="proof_required")


@dataclass(frozen=True, slots=True)
class Proof:
    """When the person of this session last proved who they are; None never."""

    at: datetime | None


def noted(request: HttpRequest) -> None:
    """This session's person has just proved who they are."""
    request.session[_SESSION] = timezone.now().timestamp()


def of(request: HttpRequest) -> Proof:
    """The last proof of this session."""
    at = request.session.get(_SESSION)
    return Proof(None if at is None else datetime.fromtimestamp(at, UTC))


def require_recent_proof(proof: Proof | None) -> None:
    """Refuse unless the proof is of the last ten minutes. None: the caller has no session, such as a command."""
    if proof is not None and (proof.at is None or timezone.now() - proof.at > FRESH):
        raise ProofRequired


def given(request: HttpRequest) -> bool | None:
    """Whether the password that was given again is right, which is noted; None where none was asked for."""
    if request.method != "POST" or FIELD not in request.POST:
        return None
    request.sensitive_post_parameters = [FIELD]  # type: ignore[attr-defined]
    user: Any = request.user
    # Wrong ones count as at the log-in page, and lock out as there.
    right = bool(authenticate(request, username=user.get_username(), password=request.POST[FIELD]) == user)
    if right:
        noted(request)
    return right


def ask(request: HttpRequest, site: AdminSite, *, back: str, what: str) -> HttpResponse:
    """The page that asks for the password, and then does what was posted."""
    kept = [(name, value) for name, values in request.POST.lists() for value in values]
    shown = {
        **site.each_context(request),
        "title": "Confirm that it is you",
        "what": what,
        "kept": [one for one in kept if one[0] not in (FIELD, "csrfmiddlewaretoken")],
        "wrong": FIELD in request.POST,
        "field": FIELD,
        "minutes": FRESH // timedelta(minutes=1),
        "back": back,
    }
    return TemplateResponse(request, "admin/backoffice/proof.html", shown)
