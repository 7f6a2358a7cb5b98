from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0004_policy_guards"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="refundattempt",
            index=models.Index(
                models.F("finished_at"),
                condition=models.Q(("outcome__in", ("paid", "reversed"))),
                name="payment_by_moment",
            ),
        ),
    ]
