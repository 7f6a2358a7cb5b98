"""How are the benchmarks started? With a database server of their own, unless DATABASE_URL names one."""

import importlib
import os
import sys
import tempfile

import django


def main() -> None:
    """Set Django up and measure; the embedded server goes away afterwards."""
    os.environ["HEMI_ENV"] = "dev"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ["DJANGO_SETTINGS_MODULE"] = "hemi_intake.settings"
    with tempfile.TemporaryDirectory(prefix="hemi-bench-", ignore_cleanup_errors=True) as directory:
        own = "DATABASE_URL" not in os.environ and "EMBEDDED_DB_DIR" not in os.environ
        if own:
            os.environ["EMBEDDED_DB_DIR"] = directory
        django.setup()
        try:
            importlib.import_module("tests.benchmarks.run").main(sys.argv[1:])
        finally:
            if own:
                importlib.import_module("tests.benchmarks.stage").stop()


if __name__ == "__main__":
    main()
