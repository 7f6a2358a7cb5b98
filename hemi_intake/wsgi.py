"""How does a web server reach the project?"""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemi_intake.settings")

application = get_wsgi_application()
# What is loaded by now stays: looking through it for garbage, time and again, would cost every request.
gc.collect()
gc.freeze()
