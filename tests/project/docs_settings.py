"""How does a command of the documentation find the database of the test that runs it?"""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["DOCS_DATABASE"]
