"""How are views of a list kept, shared and forgotten, and what a person chose for it?"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from orders.errors import ActionRefused
from orders.models import SavedView
from orders.timeline import audit, events

SHARE = "orders.share_view"


def views(name: str, person: User) -> QuerySet[SavedView]:
    """The views of a list that are this person's own or shared, and the one without a name, if there is one."""
    return SavedView.objects.filter(Q(owner=person.pk) | Q(shared=True), of=name)


def may_change(view: SavedView, person: User) -> bool:
    """Whether this person may change a view: the owner, and of a shared one whoever may share."""
    return view.owner_id == person.pk or (view.shared and person.has_perm(SHARE))


def keep(
    of: str,
    *,
    by: User,
    name: str,
    asked: Mapping[str, str],
    columns: Sequence[str],
    shared: bool,
    view: SavedView | None = None,
) -> SavedView:
    """Keep a view under a name, in place of `view` where one is given. The same name again replaces one's own."""
    name = " ".join(name.split())[:60]
    if not name:
        raise ActionRefused("Give the view a name.", code="view_name_required")
    if view is not None and not may_change(view, by):
        raise ActionRefused(
            "Only the person who shared this view can change it. Save it under another name.", code="not_your_view"
        )
    if shared and not by.has_perm(SHARE):
        raise ActionRefused("You cannot share views. Save it for yourself.", code="sharing_not_permitted")
    values = {"name": name, "asked": dict(asked), "columns": list(columns), "shared": shared}
    with transaction.atomic():
        if view is None:
            view, _ = SavedView.objects.update_or_create(of=of, owner=by, name=name, defaults=values)
        elif SavedView.objects.filter(of=of, owner=view.owner_id, name=name).exclude(pk=view.pk).exists():
            raise ActionRefused(f"A view “{name}” already exists. Choose another name.", code="view_name_taken")
        else:
            was_shared = view.shared
            SavedView.objects.filter(pk=view.pk).update(**values)
            view.refresh_from_db()
            if was_shared and not shared:
                _record(view, by, "Stopped sharing")
        if shared:
            _record(view, by, "Shared")
    return view


def delete(view: SavedView, *, by: User) -> None:
    """Delete a view, and what people chose for it. A second call is refused by the caller: there is no such view."""
    if not may_change(view, by):
        raise ActionRefused("Only the person who shared this view can delete it.", code="not_your_view")
    with transaction.atomic():
        SavedView.objects.filter(of=view.of, opens_with=str(view.pk)).update(opens_with="")
        if view.shared:
            _record(view, by, "Deleted shared")
        view.delete()


def choose(of: str, *, by: User, **values: Any) -> None:
    """Remember columns, size or the view a list opens with, for this person; what is not said stays."""
    SavedView.objects.update_or_create(of=of, owner=by, name="", defaults=values)


def set_columns(view: SavedView, columns: Sequence[str], *, by: User) -> None:
    """Change the columns of a view; of a shared one for everybody."""
    if not may_change(view, by):
        raise ActionRefused(
            "Only the person who shared this view can change its columns. Save it under another name.",
            code="not_your_view",
        )
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk).update(columns=list(columns))
        if view.shared:
            _record(view, by, "Changed the columns of shared")


def _record(view: SavedView, by: User, act: str) -> None:
    asked = ", ".join(f"{name}={value}" for name, value in view.asked.items() if name != "q")
    audit.record(events.staff(by), f"{act} view “{view.name}”" + (f": {asked}" if asked else ""), about=view.of)
