"""Which address of the API leads where?"""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from hemi_intake.api import schema_view
from hemi_intake.api.refusals import Nowhere
from integrations.api.orders import OrderViewSet
from integrations.api.refunds import RefundViewSet
from integrations.api.runs import SyncRunReading
from integrations.webhooks.api import DeliveryViewSet, EndpointViewSet
from orders.api.attention import AttentionReading
from orders.api.events import EventFeed
from orders.api.sellers import ChannelReading, SellerReading
from orders.api.shipments import ShipmentReading

router = SimpleRouter(use_regex_path=False)
router.register("orders", OrderViewSet, basename="order")
router.register("shipments", ShipmentReading, basename="shipment")
router.register("refunds", RefundViewSet, basename="refund")
router.register("attention", AttentionReading, basename="attention")
router.register("sellers", SellerReading, basename="seller")
router.register("channels", ChannelReading, basename="channel")
router.register("sync-runs", SyncRunReading, basename="sync-run")
router.register("webhooks", EndpointViewSet, basename="webhook")
router.register("webhook-deliveries", DeliveryViewSet, basename="webhook-delivery")

urlpatterns = [
    path("v1/events/", EventFeed.as_view({"get": "feed"}), name="event-feed"),
    path("v1/", include(router.urls)),
    # What the API looks like is no secret: both are readable without a key, what they describe is not.
    path("schema/", schema_view.document, name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"", Nowhere.as_view()),
]
