"""What do staff see of the world outside: connectors, runs, the archive, and other systems' keys?"""

from django.contrib import admin

from integrations.admin.archive import MessagePage
from integrations.admin.connectors import ConnectorPage, ProSkuSellerPage
from integrations.admin.discrepancies import DisagreementPage
from integrations.admin.keys import ApiKeyPage
from integrations.admin.providers import ProviderEventPage, RefusedNewsPage
from integrations.admin.runs import SyncRunPage
from integrations.admin.status_mappings import StatusWordPage
from integrations.admin.webhooks import DeliveryPage, EndpointPage
from integrations.gateways.models import ProviderEvent, RefusedNews
from integrations.models import (
    ApiKey,
    ArchivedMessage,
    Disagreement,
    ProSkuConnector,
    ProSkuSeller,
    StatusWord,
    SyncRun,
)
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint

admin.site.register(ProSkuConnector, ConnectorPage)
admin.site.register(ProSkuSeller, ProSkuSellerPage)
admin.site.register(StatusWord, StatusWordPage)
admin.site.register(SyncRun, SyncRunPage)
admin.site.register(ArchivedMessage, MessagePage)
admin.site.register(ApiKey, ApiKeyPage)
admin.site.register(Disagreement, DisagreementPage)
admin.site.register(ProviderEvent, ProviderEventPage)
admin.site.register(RefusedNews, RefusedNewsPage)
admin.site.register(WebhookEndpoint, EndpointPage)
admin.site.register(WebhookDelivery, DeliveryPage)
