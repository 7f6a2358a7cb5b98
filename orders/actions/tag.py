"""Put a tag on an order, and take it off."""

from django.db import transaction

from orders.actions import verb
from orders.errors import ActionRefused
from orders.models import Order, OrderTag, Tag
from orders.timeline import events
from orders.timeline.kinds import EventKind

MOST = 20


def tag(order_id: int, name: str, *, actor: str) -> Tag:
    """Put a tag on an order, one of its seller's or a new one. A second call changes nothing."""
    name = " ".join(name.split())
    if not name:
        raise ActionRefused("Enter a tag.", code="tag_required")
    if len(name) > 40:
        raise ActionRefused("A tag has at most 40 characters.", code="tag_too_long")
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        # Somebody may be making the same tag at this moment, on another order.
        Tag.objects.bulk_create([Tag(seller_id=order.seller_id, name=name)], ignore_conflicts=True)
        found = Tag.objects.get(seller_id=order.seller_id, name__iexact=name)
        if order.tagged.filter(tag=found).exists():
            return found
        if order.tagged.count() >= MOST:
            raise ActionRefused(f"{order.reference} already has {MOST} tags: remove one first.", code="too_many_tags")
        OrderTag.objects.create(order=order, tag=found)
        events.record([events.Event(order.pk, order.seller_id, TAG.event.code, None, actor, {"tag": found.name})])
    return found


def untag(order_id: int, tag_id: int, *, actor: str) -> str:
    """Take a tag off an order; answer with its name. A second call is refused."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        carried = order.tagged.select_related("tag").filter(tag=tag_id).first()
        if carried is None:
            raise ActionRefused(f"{order.reference} does not have this tag any more.", code="tag_not_found")
        carried.delete()
        name = carried.tag.name
        events.record([events.Event(order.pk, order.seller_id, UNTAG.event.code, None, actor, {"tag": name})])
    return name


def _tag(call: verb.Call) -> str:
    return f"{call.order.reference} is tagged {tag(call.order.pk, call.values['tag'], actor=call.actor)}."


def _untag(call: verb.Call) -> str:
    name = untag(call.order.pk, call.values["which"], actor=call.actor)
    return f"{call.order.reference} is no longer tagged {name}."


TAG = verb.Verb(
    "tag",
    "Add tag",
    verb.ANNOTATE,
    EventKind("order.tagged", "Tag added", "Tag added[: {tag}]"),
    _tag,
    (verb.Param("tag", "Tag", "Enter a tag.", 40),),
    in_place=True,
)
UNTAG = verb.Verb(
    "untag",
    "Remove tag",
    verb.ANNOTATE,
    EventKind("order.untagged", "Tag removed", "Tag removed[: {tag}]"),
    _untag,
    (verb.Param("which", "Tag", kind="id"),),
    in_place=True,
)
