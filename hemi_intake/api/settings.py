"""How the API framework and its schema are set up (a part of hemi_intake/settings.py)."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.api.access.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["integrations.api.access.KeyRequired"],
    "DEFAULT_THROTTLE_CLASSES": ["integrations.api.access.PerKey"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["integrations.api.parser.Json"],
    "DEFAULT_FILTER_BACKENDS": ["hemi_intake.api.filters.NamedFilters"],
    "DEFAULT_PAGINATION_CLASS": "orders.api.paging.Page",
    "DEFAULT_SCHEMA_CLASS": "hemi_intake.api.schema.Declared",
    "EXCEPTION_HANDLER": "hemi_intake.api.refusals.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Hemi Intake",
    "DESCRIPTION": "What the warehouse did with the orders, and which refunds follow from it.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    # Readable without a key.
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "hemi_intake.api.schema.with_parts",
        "hemi_intake.api.examples.with_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "SyncRunState": "integrations.models.SyncRun.State",
        "AttentionKind": "orders.models.AttentionItem.Kind",
        "RefundOrigin": "refunds.models.Refund.Origin",
        "RefundKind": "refunds.models.Refund.Kind",
        "OrderSource": "orders.models.SalesChannel.Kind",
        "OrderStatus": "orders.statuses.Status",
        "RefundReason": "refunds.models.Refund.Reason",
        "RefundStatus": "refunds.models.RefundStatus",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # By default the page asks a server outside whether the schema is valid.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}
