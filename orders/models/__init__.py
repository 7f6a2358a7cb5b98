"""The nouns of the order desk."""

from orders.models.addresses import FormerAddress
from orders.models.audit import AuditEntry
from orders.models.exports import Export, ExportChunk
from orders.models.lists import SavedView
from orders.models.matches import OrderMatch
from orders.models.order import Order, OrderItem
from orders.models.payment import Payment, PaymentShare
from orders.models.people import Person
from orders.models.preferences import OrderFile, OrderTag, Tag
from orders.models.search_words import ProductWord, SearchWord
from orders.models.sellers import SalesChannel, Seller
from orders.models.shipment import Shipment, ShipmentItem
from orders.models.skus import ListedSku, NonShippingSku, SkuMapping
from orders.models.timeline import AttentionItem, OrderEvent
from orders.models.warehouses import FulfilmentOrder, SellerWarehouse, Warehouse

__all__ = [
    "AttentionItem",
    "AuditEntry",
    "Export",
    "ExportChunk",
    "FormerAddress",
    "FulfilmentOrder",
    "ListedSku",
    "NonShippingSku",
    "Order",
    "OrderEvent",
    "OrderFile",
    "OrderItem",
    "OrderMatch",
    "OrderTag",
    "Payment",
    "PaymentShare",
    "Person",
    "ProductWord",
    "SalesChannel",
    "SavedView",
    "SearchWord",
    "Seller",
    "SellerWarehouse",
    "Shipment",
    "ShipmentItem",
    "SkuMapping",
    "Tag",
    "Warehouse",
]
