"""What do staff see of the world outside: connections, runs, the archive, and other systems' keys?"""

from django.contrib import admin

from integrations.admin.archive import MessagePage
from integrations.admin.connections import AccountPage, ConnectionPage
from integrations.admin.discrepancies import DiscrepancyPage
from integrations.admin.keys import ApiKeyPage
from integrations.admin.providers import ProviderEventPage, RejectedEventPage
from integrations.admin.runs import SyncRunPage
from integrations.admin.sku_mappings import SkuMappingPage
from integrations.admin.status_mappings import StatusMappingPage
from integrations.admin.webhooks import DeliveryPage, EndpointPage
from integrations.api.models import ApiKey
from integrations.connections.models import Account, Connection, StatusMapping
from integrations.gateways.models import ProviderEvent, RejectedProviderEvent
from integrations.warehouses.models import ArchivedMessage, Discrepancy, SyncRun
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.models import SkuMapping

admin.site.register(Connection, ConnectionPage)
admin.site.register(Account, AccountPage)
admin.site.register(StatusMapping, StatusMappingPage)
admin.site.register(SkuMapping, SkuMappingPage)
admin.site.register(SyncRun, SyncRunPage)
admin.site.register(ArchivedMessage, MessagePage)
admin.site.register(ApiKey, ApiKeyPage)
admin.site.register(Discrepancy, DiscrepancyPage)
admin.site.register(ProviderEvent, ProviderEventPage)
admin.site.register(RejectedProviderEvent, RejectedEventPage)
admin.site.register(WebhookEndpoint, EndpointPage)
admin.site.register(WebhookDelivery, DeliveryPage)
