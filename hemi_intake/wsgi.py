"""How does a web server reach the project?"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemi_intake.settings")

application = get_wsgi_application()
