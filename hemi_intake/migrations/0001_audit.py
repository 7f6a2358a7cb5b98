"""What stays on record of people's log-ins and of settings, over the tables of several apps."""

from django.db import migrations

from orders.sql import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("orders", "0001_initial"),
        ("refunds", "0001_initial"),
    ]

    operations = [run_sql_file("hemi_intake/sql/audit.sql")]
