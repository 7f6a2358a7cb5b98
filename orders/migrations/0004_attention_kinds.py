from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_search_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attentionitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("unknown_order", "Unknown order"),
                    ("unknown_sku", "Unknown SKU"),
                    ("over_shipment", "More shipped than ordered"),
                    ("status_backwards", "Status went backwards"),
                    ("quantity_mismatch", "Warehouse has another quantity"),
                    ("closed_without_figures", "Closed, but nothing says what was shipped"),
                    ("unknown_word", "Unknown status word"),
                    ("message_rejected", "Message could not be used"),
                    ("shipped_after_refund", "Shipped after refund"),
                    ("currency_mismatch", "Currency differs from the payment"),
                    ("refund_in_doubt", "Refund in doubt"),
                    ("refund_failed", "Refund failed"),
                    ("sync_failing", "Sync keeps failing"),
                    ("key_refused", "Key refused"),
                    ("ambiguous_time", "Time that the clocks show twice"),
                    ("duplicate_shipment", "Same shipment under two numbers"),
                    ("empty_list", "Warehouse lists nothing any more"),
                    ("clock_skew", "Warehouse's clock differs from ours"),
                    ("silence", "Warehouse is silent"),
                    ("disagreement", "Warehouse and we disagree"),
                ],
                max_length=30,
            ),
        ),
    ]
