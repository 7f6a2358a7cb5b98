#!/usr/bin/env python
"""How does an operator reach the commands of Hemi Intake?"""

import importlib
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run the management command named on the command line; a bad setting ends it with one sentence."""
    settings = os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemi_intake.settings")
    try:
        importlib.import_module(settings)
    except ImproperlyConfigured as why:
        sys.exit(f"Hemi Intake cannot start: {why}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
