"""Which address of the API leads where?"""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from hemi_intake.api.refusals import Nowhere
from orders.api import OrderViewSet, ShipmentViewSet
from refunds.api import RefundViewSet

router = SimpleRouter(use_regex_path=False)
router.register("orders", OrderViewSet, basename="order")
router.register("shipments", ShipmentViewSet, basename="shipment")
router.register("refunds", RefundViewSet, basename="refund")

urlpatterns = [
    path("v1/", include(router.urls)),
    # What the API looks like is no secret: both are readable without a key, what they describe is not.
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"", Nowhere.as_view()),
]
