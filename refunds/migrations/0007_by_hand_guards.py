"""What the database itself refuses about edits, and about refunds that were made at the provider past us."""

from importlib import import_module

from django.db import migrations

_before = import_module("refunds.migrations.0002_guards")


def _function(name: str) -> str:
    """One function of the first guards, as a statement that replaces it."""
    begin = (_before.MOVES + _before.TOTALS + _before.ATTEMPTS).split(f"CREATE FUNCTION {name}(")[1]
    return f"CREATE OR REPLACE FUNCTION {name}(" + begin.split("END $$;")[0] + "END $$;\n"


def _changed(name: str, old: str, new: str) -> str:
    statement = _function(name)
    if statement.count(old) != 1:
        raise RuntimeError(f"{name} is not what this migration changes")
    return statement.replace(old, new)


# The money has moved already: such a refund begins as executed, and nobody here has approved it. What failed here and
# was paid there is withdrawn.
GUARD = _changed(
    "refunds_guard",
    "IF TG_OP = 'INSERT' THEN\n",
    """IF TG_OP = 'INSERT' AND NEW.origin = 'external' THEN
        IF NEW.status <> 'executed' THEN
            RAISE EXCEPTION 'refund % was made elsewhere: it begins as executed', NEW.number
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.edited_by_id IS DISTINCT FROM OLD.edited_by_id
       AND OLD.status NOT IN ('proposed', 'on_hold') THEN
        RAISE EXCEPTION 'who edited refund % is on record', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.origin = 'external'
       AND (NEW.provider, NEW.provider_reference) IS DISTINCT FROM (OLD.provider, OLD.provider_reference) THEN
        RAISE EXCEPTION 'refund % stays what the provider calls it', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
""",
).replace(
    "('failed', 'approved'), ('failed', 'rejected'),",
    "('failed', 'approved'), ('failed', 'rejected'), ('failed', 'withdrawn'),",
)

# The items of a refund that was made elsewhere come with it, all at once, and never again.
ITEMS = _changed(
    "refunds_items_changed",
    "               WHERE r.status NOT IN ('proposed', 'on_hold')) THEN",
    """               WHERE r.status NOT IN ('proposed', 'on_hold')
                 AND NOT (TG_ARGV[0] = '1' AND r.origin = 'external' AND NOT EXISTS (
                     SELECT FROM refunds_refunditem ri WHERE ri.refund_id = r.id
                       AND NOT EXISTS (SELECT FROM changed n WHERE n.id = ri.id)))) THEN""",
)

# Beside it stands the attempt of somebody else, which has paid.
ATTEMPT = _changed(
    "refunds_attempt_guard",
    "WHERE id = NEW.refund_id AND status = 'executing') THEN",
    """WHERE id = NEW.refund_id AND (status = 'executing'
                           OR (origin = 'external' AND status = 'executed' AND NEW.outcome = 'paid'))) THEN""",
)

PLAN = "ALTER FUNCTION refunds_items_changed() SET enable_seqscan = off;\n"

FORWARDS = (
    GUARD
    + ITEMS
    + ATTEMPT
    + PLAN
    + """
CREATE TRIGGER revisions_stay BEFORE UPDATE OR DELETE ON refunds_refundrevision
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse();
"""
)

BACKWARDS = (
    "DROP TRIGGER revisions_stay ON refunds_refundrevision;\n"
    + _function("refunds_guard")
    + _function("refunds_items_changed")
    + _function("refunds_attempt_guard")
    + PLAN
)


class Migration(migrations.Migration):
    dependencies = [("refunds", "0006_by_hand")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
