"""What does each body and answer look like, for an order that goes through its life? (examples of the schema)"""

from typing import Any

from hemi_intake.api.problems import KINDS, MEDIA_TYPE, PREFIX

Json = dict[str, Any]

_ADDRESS: Json = {
    "name": "Ada Lovelace",
    "company": None,
    "line1": "12 St James's Square",
    "line2": None,
    "city": "London",
    "region": None,
    "postcode": "SW1Y 4JH",
    "country": "GB",
    "phone": None,
}
_LINE: Json = {
    "sku": "TEE",
    "name": "T-shirt",
    "channel_line": "1",
    "ships": True,
    "properties": {},
    "status": "shipped",
    "shipped_short": True,
    "quantity": 2,
    "shipped_quantity": 1,
    "cancelled_quantity": 1,
    "outstanding_quantity": 0,
    "unit_price": "29.99",
    "discount": "0.00",
    "discount_share": "0.00",
    "tax": "10.00",
    "paid": "59.98",
    "committed_quantity": 1,
    "committed_amount": "29.99",
}
_DESPATCH: Json = {
    "id": 31,
    "number": "D-7001",
    "carrier": "Royal Mail",
    "service": "Tracked 24",
    "tracking_number": "RM123456789GB",
    "tracking_url": "https://track.example.com/RM123456789GB",
    "despatched_at": "2026-03-03T14:05:00Z",
    "withdrawn": False,
    "planned": False,
    "sent_to": _ADDRESS,
    "fulfilment_order": 23,
    "items": [{"sku": "TEE", "quantity": 1}],
}
_ORDER: Json = {
    "id": 17,
    "version": 4711,
    "reference": "WEB-1001",
    "channel_id": "5678901234",
    "seller": "acme",
    "channel": "shop",
    "source": "web",
    "placed_at": "2026-03-02T09:30:00Z",
    "updated_at": "2026-03-03T14:06:10.250000Z",
    "status": "shipped",
    "shipped_short": True,
    "status_detail": None,
    "held_because": None,
    "currency": "GBP",
    "prices_include_tax": True,
    "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": None},
    "shipping_address": _ADDRESS,
    "billing_address": dict.fromkeys(_ADDRESS),
    "shipping_method": "Tracked 24",
    "shipping_charge": "3.95",
    "discounts": [],
    "rounding": "0.00",
    "total": "63.93",
    "total_paid": "63.93",
    "payment_status": "paid",
    "committed_amount": "29.99",
    "committed_shipping": "0.00",
    "left_to_refund": "33.94",
    "payments": [{"provider": "stripe", "reference": "pi_3Nk2", "amount": "63.93", "captured_amount": None}],
    "notes": None,
    "language": "en-GB",
    "items": [_LINE],
    "shipments": [_DESPATCH],
}
_REFUND: Json = {
    "id": 23,
    "number": "WEB-1001-R1",
    "version": 1,
    "order": "WEB-1001",
    "order_version": 4711,
    "order_id": 17,
    "seller": "acme",
    "status": "proposed",
    "origin": "warehouse",
    "kind": "pre_shipment",
    "reason": "closed_short",
    "reason_note": None,
    "messages": [9001],
    "currency": "GBP",
    "amount": "29.99",
    "shipping_amount": "0.00",
    "tax_amount": "5.00",
    "items": [{"sku": "TEE", "quantity": 1, "amount": "29.99", "tax": "5.00"}],
    "proposed_at": "2026-03-03T14:06:10Z",
    "decided_at": None,
    "executed_at": None,
    "updated_at": "2026-03-03T14:06:10Z",
    "provider": "stripe",
    "provider_reference": None,
    "attempts": [],
}
_EVENT: Json = {
    "id": 4711,
    "kind": "refund.proposed",
    "order": "WEB-1001",
    "order_id": 17,
    "seller": "acme",
    "occurred_at": "2026-03-03T14:06:10Z",
    "recorded_at": "2026-03-03T14:06:10Z",
    "actor": "prosku:main",
    "data": {"refund": "WEB-1001-R1", "amount": "29.99"},
    "message": 9001,
}
_ENDPOINT: Json = {
    "id": 5,
    "name": "finance",
    "url": "https://hooks.example.com/hemi",
    "kinds": ["refund.*"],
    "sellers": None,
    "active": True,
    "disabled_reason": "",
    "failures": 0,
    "failing_since": None,
    "paused_until": None,
    "delivered_at": "2026-03-03T14:06:11Z",
    "created_at": "2026-03-01T08:00:00Z",
}
_TRY: Json = {"started_at": "2026-03-03T14:06:11Z", "milliseconds": 84, "status": 204, "answer": None, "error": None}
_SENT: Json = {
    "reference": "WEB-1001",
    "seller": "acme",
    "channel": "shop",
    "placed_at": "2026-03-02T09:30:00Z",
    "currency": "GBP",
    "total_paid": "63.93",
    "shipping_charge": "3.95",
    "customer": {"name": "Ada Lovelace", "email": "ada@example.com"},
    "items": [{"sku": "TEE", "name": "T-shirt", "quantity": 2, "unit_price": "29.99", "tax": "10.00"}],
}
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the one of the convention's own documentation

EXAMPLES: dict[str, Json] = {
    "Order": _ORDER,
    "Shipment": _DESPATCH
    | {"order": "WEB-1001", "order_version": 4711, "order_id": 17}
    | {"seller": "acme", "warehouse": "main", "recorded_at": "2026-03-03T14:06:10Z"},
    "Refund": _REFUND,
    "Attention": {
        "id": 3,
        "kind": "shipped_after_refund",
        "summary": "WEB-1001: 1 × TEE shipped after it was refunded.",
        "seller": "acme",
        "order": "WEB-1001",
        "order_id": 17,
        "evidence": {"sku": "TEE", "units": 1},
        "opened_at": "2026-03-04T10:00:00Z",
        "closed_at": None,
    },
    "Seller": {
        "id": 2,
        "code": "acme",
        "name": "Acme",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "active": True,
    },
    "Channel": {"id": 1, "code": "shop", "name": "Acme's shop", "kind": "web", "active": True},
    "SyncRun": {
        "id": 88,
        "connection": "main",
        "seller": "acme",
        "state": "succeeded",
        "started_at": "2026-03-03T14:06:00Z",
        "finished_at": "2026-03-03T14:06:11Z",
        "pages": 1,
        "messages": 12,
        "duplicates": 3,
        "applied": 8,
        "parked": 1,
        "rejected": 0,
        "proposed": 1,
        "error": None,
    },
    "Feed": {"results": [_EVENT], "after": "91042.4711", "more": False},
    "Endpoint": _ENDPOINT,
    "Secret": {**_ENDPOINT, "secret": _SECRET},
    "Delivery": {
        "id": 640,
        "endpoint_id": 5,
        "event_id": 4711,
        "kind": "refund.proposed",
        "order": "WEB-1001",
        "order_id": 17,
        "state": "delivered",
        "attempts": 1,
        "created_at": "2026-03-03T14:06:10Z",
        "next_attempt_at": "2026-03-03T14:06:10Z",
        "finished_at": "2026-03-03T14:06:11Z",
        "tries": [_TRY],
    },
    "Resent": {"messages": 42},
    "Cancelled": {"order": _ORDER | {"held_because": "changed my mind"}, "refund": "WEB-1001-R1"},
    "Batch": {
        "results": [
            {"reference": "WEB-1001", "outcome": "created", "order_id": 17, "errors": []},
            {
                "reference": "WEB-1002",
                "outcome": "refused",
                "order_id": None,
                "errors": [{"field": "seller", "detail": "seller acne is not known here"}],
            },
        ]
    },
    "OrderBody": _SENT,
    "BatchBody": {"orders": [_SENT]},
    "PatchedOrderChange": {"customer": {"email": "ada@example.org"}, "notes": "ring twice"},
    "WhyBody": {"why": "the address looks wrong"},
    "NoteBody": {"note": "asked the customer"},
    "NothingBody": {},
    "RefundBody": {"order_id": 17, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}]},
    "EndpointBody": {"name": "finance", "url": "https://hooks.example.com/hemi", "kinds": ["refund.*"]},
    "PatchedEndpointChange": {"kinds": ["refund.*", "order.cancelled"]},
    "SinceBody": {"since": "2026-03-03T00:00:00Z"},
}
_SENTENCES = {
    400: "sellr: Unknown. Known here: active, code, cursor, fields, ordering, page_size.",
    401: "This key is not valid: it is mistyped, unknown, expired or revoked.",
    403: "This needs the scope orders:read, which this key lacks.",
    404: "Nothing has this id.",
    406: "Could not satisfy the request Accept header.",
    409: "The first request with this key is still under way: send it again in a moment.",
    413: "The body is larger than 10 MB: send it in parts.",
    415: 'Unsupported media type "text/plain" in request.',
    422: "items[0].quantity must be a whole number from 1 to 1,000,000, not 0",
    429: "Request was throttled. Expected available in 12 seconds.",
    500: "Something went wrong, and our logs have it under this request id.",
    503: "The database did not answer, and nothing was done. Send the same again in a moment.",
}
_FIELDS = {400: "sellr", 422: "items[0].quantity"}


def with_examples(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Show with every body and every answer what it looks like."""
    shown: Json = {}
    for methods in result["paths"].values():
        for operation in methods.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                _show(media, shown, *_of(media["schema"]))
            for status, response in operation["responses"].items():
                for media_type, media in response.get("content", {}).items():
                    problem = media_type == MEDIA_TYPE
                    _show(media, shown, *(_problem(int(status)) if problem else _of(media["schema"])))
    result["components"]["examples"] = dict(sorted(shown.items()))
    return result


def _show(media: Json, shown: Json, name: str, value: Json) -> None:
    shown[name] = {"value": value}
    media["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}


def _of(schema: Json) -> tuple[str, Json]:
    """The name and the example of a component, or of a page of it."""
    reference = schema["$ref"] if "$ref" in schema else schema["anyOf"][0]["$ref"]
    name = str(reference).rpartition("/")[2]
    if name.startswith("Paginated"):
        row = EXAMPLES[name.removeprefix("Paginated").removesuffix("List")]
        return name, {"next": None, "previous": None, "results": [row]}
    return name, EXAMPLES[name]


def _problem(status: int) -> tuple[str, Json]:
    kind, title = KINDS[status]
    sentence = _SENTENCES[status]
    problem = {
        "type": PREFIX + kind,
        "title": title,
        "status": status,
        "code": kind.replace("-", "_"),
        "detail": sentence,
    }
    errors = {"errors": [{"field": _FIELDS[status], "detail": sentence}]} if status in _FIELDS else {}
    return f"Problem{status}", {**problem, "request_id": "5d1c6f9e-2b8a-4f0e-9c3d-7a6b5e4f3d2c", **errors}
