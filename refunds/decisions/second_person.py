"""May this person approve beside those who proposed, edited or approved already? (they may not be one person)"""

from collections.abc import Set

from django.contrib.auth.models import User
from django.db.models import Q

from refunds import independence, rights
from refunds.errors import NotYours
from refunds.models import Refund


def refusal(refund: Refund, by: User, same: Set[int] | None = None) -> NotYours | None:
    """Why this person does not count as another one; None when they do. `same` saves asking for each of many."""
    number = refund.number
    if by.is_superuser:
        return NotYours(rights.SUPERUSER, code="superusers_decide_nothing")
    if refund.proposed_by_id == by.pk:
        return NotYours(f"You proposed {number}, so someone else must approve it.", code="own_proposal")
    if refund.edited_by_id == by.pk:
        return NotYours(f"You edited {number}, so someone else must approve it.", code="own_edit")
    if refund.approved_by_id == by.pk:
        return NotYours(
            f"You have already approved {number}. A second person must approve it too.", code="second_person_needed"
        )
    if by.pk in refund.proposed_behind:
        return NotYours(
            f"You know the API key that proposed {number}, so someone else must approve it.", code="own_key"
        )
    found = (independence.inseparable(by) if same is None else same) & _beside(refund)
    return NotYours(independence.sentence(found), code="not_independent") if found else None


def not_theirs(by: User) -> Q:
    """For a query of refunds: those that this person does not approve."""
    same = sorted(independence.inseparable(by))
    theirs = Q(approved_by__in=same) | Q(proposed_by__in=same) | Q(edited_by__in=same)
    return theirs | Q(proposed_behind__overlap=same)


def _beside(refund: Refund) -> set[int]:
    people = {refund.proposed_by_id, refund.edited_by_id, refund.approved_by_id, *refund.proposed_behind}
    return {person for person in people if person is not None}
