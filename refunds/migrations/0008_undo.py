"""What the database itself says about undoing: a rejection may come back for a while, and holds its units again."""

from importlib import import_module

from django.db import migrations

_first = import_module("refunds.migrations.0002_guards")
_before = import_module("refunds.migrations.0007_by_hand_guards")


def _changed(statement: str, old: str, new: str) -> str:
    if statement.count(old) != 1:
        raise RuntimeError("a guard is not what this migration changes")
    return statement.replace(old, new)


# How many seconds people have is a setting; that a rejection of yesterday never comes back is not.
GUARD = _changed(
    _changed(
        _before.GUARD,
        "('failed', 'approved'), ('failed', 'rejected'), ('failed', 'withdrawn'),",
        "('failed', 'approved'), ('failed', 'rejected'), ('failed', 'withdrawn'), ('rejected', 'proposed'),",
    ),
    "    IF (NEW.amount, NEW.items_amount,",
    """    IF (OLD.status, NEW.status) = ('rejected', 'proposed')
       AND OLD.decided_at < now() - interval '10 minutes' THEN
        RAISE EXCEPTION 'refund % was rejected for good', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.amount, NEW.items_amount,""",
)

_OLD_TOTALS = "CREATE OR REPLACE FUNCTION refunds_changed(" + (
    _first.TOTALS.split("CREATE FUNCTION refunds_changed(")[1].split("END $$;")[0] + "END $$;\n"
)
# The order's own totals go both ways already; now its items' do too.
TOTALS = _changed(
    _changed(
        _OLD_TOTALS,
        """        committed_quantity = i.committed_quantity - d.quantity,
        committed_unshipped = i.committed_unshipped - d.unshipped,
        committed_amount = i.committed_amount - d.amount,
        committed_tax = i.committed_tax - d.tax
    FROM (SELECT ri.item_id, sum(ri.quantity) AS quantity, sum(ri.amount) AS amount, sum(ri.tax) AS tax,
                 sum(CASE WHEN b.kind = 'pre_shipment' THEN ri.quantity ELSE 0 END) AS unshipped
""",
        """        committed_quantity = i.committed_quantity + d.quantity,
        committed_unshipped = i.committed_unshipped + d.unshipped,
        committed_amount = i.committed_amount + d.amount,
        committed_tax = i.committed_tax + d.tax
    FROM (SELECT ri.item_id, sum(s.sign * ri.quantity) AS quantity, sum(s.sign * ri.amount) AS amount,
                 sum(s.sign * ri.tax) AS tax,
                 sum(CASE WHEN b.kind = 'pre_shipment' THEN s.sign * ri.quantity ELSE 0 END) AS unshipped
""",
    ),
    "          WHERE refunds_holds(b.status) AND NOT refunds_holds(a.status) GROUP BY ri.item_id) d",
    """          CROSS JOIN LATERAL (SELECT CASE WHEN refunds_holds(a.status) THEN 1 ELSE -1 END AS sign) s
          WHERE refunds_holds(b.status) <> refunds_holds(a.status) GROUP BY ri.item_id) d""",
)
PLAN = "ALTER FUNCTION refunds_changed() SET enable_seqscan = off;\n"


class Migration(migrations.Migration):
    dependencies = [("refunds", "0007_by_hand_guards")]
    operations = [migrations.RunSQL(GUARD + TOTALS + PLAN, _before.GUARD + _OLD_TOTALS + PLAN)]
