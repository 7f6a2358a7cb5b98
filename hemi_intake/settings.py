"""How is this installation set up?

Everything comes from the environment. HEMI_ENV says what kind of installation it is:

- `dev` (the default as long as DATABASE_URL is not set): works without any environment. PostgreSQL is the embedded
  one, SECRET_KEY and FIELD_KEYS are made once and kept beside its data, cookies also travel over plain HTTP.
- `production` (the default as soon as DATABASE_URL is set): DATABASE_URL, SECRET_KEY, FIELD_KEYS and ALLOWED_HOSTS
  must be given, and everything is sent over HTTPS only.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext

from hemi_intake import appearance, csp, embedded, env
from hemi_intake.api import settings as api_settings

# Django's classes take their type arguments at run time only with this.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

HEMI_ENV = env.one_of("HEMI_ENV", ("dev", "production"), "production" if env.text("DATABASE_URL", "") else "dev")
PRODUCTION = HEMI_ENV == "production"
ENVIRONMENT_LABEL = env.text("ENVIRONMENT_LABEL", "" if PRODUCTION else "Development")
DEBUG = env.flag("DEBUG", default=False)
# Whether this is the demo, which shows newcomers around.
DEMO = env.flag("DEMO", default=False) and not PRODUCTION

# Secrets

EMBEDDED_DB_DIR = env.directory("EMBEDDED_DB_DIR", BASE_DIR / ".postgres")
_generated = {} if PRODUCTION else env.development_secrets(EMBEDDED_DB_DIR / "secrets.json")
SECRET_KEY = env.text("SECRET_KEY", _generated.get("SECRET_KEY"))
FIELD_KEYS = env.field_keys("FIELD_KEYS", _generated.get("FIELD_KEYS"))

# Database

if env.text("DATABASE_URL", None if PRODUCTION else ""):
    _database = env.database("DATABASE_URL")
else:
    _database = embedded.connection(EMBEDDED_DB_DIR)
DATABASES: dict[str, dict[str, Any]] = {
    "default": _database | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Parts

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "hemi_intake",
    "orders",
    "refunds",
    "integrations",
    "hemi_intake.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "axes",
    "simple_history",
    "csp",
    "django_structlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hemi_intake.csp.ContentSecurityPolicy",
    "hemi_intake.logs.RequestLog",
    "hemi_intake.api.response_headers.Transport",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Behind it nobody reads a body that is too large for who sends it.
    "hemi_intake.body_limits.BodyLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hemi_intake.staff.presence.Presence",
    "hemi_intake.staff.presence.Zone",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "hemi_intake.urls"
WSGI_APPLICATION = "hemi_intake.wsgi.application"

# The theme of the admin

UNFOLD = appearance.UNFOLD

# People

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 5, at_least=1)
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "integrations.origin.address"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
# Failed log-ins stay on record; pruning removes them when they are old enough.
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 2**31
# A session ends after this time without an act, and after this time whatever was done.
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 120, at_least=1)
SESSION_HOURS = env.number("SESSION_HOURS", 12, at_least=1)
# Longer than any session, so that whoever comes back is told why it ended.
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60

# Web

ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", None if PRODUCTION else "localhost,127.0.0.1,[::1]")
# Tells this installation from a copy of its database elsewhere (refunds/sending.py).
INSTALLATION = ",".join(sorted(ALLOWED_HOSTS))
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS", "")
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
# The supervisor asks over plain HTTP, from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# How long browsers insist on HTTPS for this host; start small on a host that must be able to go back to HTTP.
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 60 * 60 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_SUBDOMAINS", default=PRODUCTION)
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
# How many proxies of our own stand before us, each adding to X-Forwarded-For whom it was asked by.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1 if BEHIND_PROXY else 0)
if BEHIND_PROXY:
    # Only behind a proxy that sets this header itself: anybody else could send it too.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.DIRECTIVES}

STATIC_URL = "/static/"
# Lighter fonts than those of the admin theme: two weights of text, and only the icons that pages draw (make icons).
STATICFILES_DIRS = [BASE_DIR / "hemi_intake" / "assets"]
if PRODUCTION:
    STATIC_ROOT = env.directory("STATIC_ROOT", BASE_DIR / ".static")
    _storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    # Served from where the packages keep them, without a collected copy.
    WHITENOISE_USE_FINDERS = True
    _storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _storage},
}

# Language and time

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "hemi_intake.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Logs

LOGGING_CONFIG = "hemi_intake.logs.configure"
LOGGING = {"level": env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")}
# An address belongs to a person.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

# API

# A thousand orders in one request fit well.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
# The form of an order of 2,000 lines, three fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS

# The clock: no task carries work, so losing or repeating one does no harm

Q_CLUSTER: dict[str, Any] = {
    "name": "hemi_intake",
    "orm": "default",
    "workers": env.number("QUEUE_WORKERS", 3, at_least=2),
    "queue_limit": 3,
    "bulk": 1,
    "poll": 1,
    "timeout": 300,
    # Well above timeout x (1 + waiting tasks / workers): an earlier second delivery would run while the first does.
    "retry": 1800,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    # Any other number makes each result read and lock as many rows; our own pruning removes old ones.
    "save_limit": 0,
    "recycle": 200,
    "max_rss": 300_000,
    "label": "Background work",
}

# Every kind of event that stands on an order's timeline; each app lists its own.
EVENT_KINDS = ["orders.timeline.kinds.KINDS", "orders.actions.registry.KINDS", "refunds.event_kinds.KINDS"]

# Refunds and the outside: each system by the path of the class that speaks to it

WAREHOUSE_SYSTEMS = {
    "prosku": "integrations.warehouses.prosku.system.ProSku",
    "files": "integrations.warehouses.files.system.ShippingFiles",
}

REFUND_GATEWAYS = {
    "manual": "integrations.gateways.manual.ManualGateway",
    "stripe": "integrations.gateways.stripe.gateway.StripeGateway",
    "paypal": "integrations.gateways.paypal.gateway.PayPalGateway",
    "sandbox": "hemi_intake.demo.sandbox_gateway.SandboxGateway",
}
# Names of providers, as order documents write them, whose refunds people pay elsewhere; any other name is refused.
PAID_BY_HAND = env.listing("PAID_BY_HAND", "")
# What a second person confirms before it counts, and what is done then.
CONFIRMED_CHANGES = {
    "limits": "refunds.decisions.limit_changes.apply",
    "lift": "refunds.decisions.limit_changes.apply_lift",
    "going_live": "hemi_intake.going_live.apply",
}
PAYMENT_EVENTS = {
    "stripe": "integrations.gateways.stripe.events.StripeEvents",
    "paypal": "integrations.gateways.paypal.events.PayPalEvents",
    "sandbox": "hemi_intake.demo.sandbox_events.SandboxEvents",
}
# A secret or id of the webhook is as the provider shows it for /providers/<provider>/events; empty: events are refused.
STRIPE_API_KEY = env.text("STRIPE_API_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "")
PAYPAL_CLIENT_ID = env.text("PAYPAL_CLIENT_ID", "")
PAYPAL_CLIENT_SECRET = env.text("PAYPAL_CLIENT_SECRET", "")
PAYPAL_WEBHOOK_ID = env.text("PAYPAL_WEBHOOK_ID", "")
PAYPAL_API_BASE = env.text("PAYPAL_API_BASE", "")
PAYMENT_SANDBOX_URL = env.text("PAYMENT_SANDBOX_URL", "")
PAYMENT_SANDBOX_KEY = env.text("PAYMENT_SANDBOX_KEY", "")
# Of one call. One refund takes up to five, all of them well within REFUND_LEASE_SECONDS.
PAYMENT_TIMEOUT_SECONDS = env.number("PAYMENT_TIMEOUT_SECONDS", 20, at_least=1)
REFUND_LEASE_SECONDS = env.number("REFUND_LEASE_SECONDS", 120, at_least=1)
# For how long a person may undo a decision; an approval is not sent before. 0 switches undoing off.
UNDO_SECONDS = env.number("UNDO_SECONDS", 10)
# So many refunds of a seller its policy approves in an hour; of more at once none, until people decided on them.
UNATTENDED_PER_HOUR = env.number("UNATTENDED_PER_HOUR", 200)
REFUND_QUIET_SECONDS = env.number("REFUND_QUIET_SECONDS", 60)
PROSKU_OVERLAP_SECONDS = env.number("PROSKU_OVERLAP_SECONDS", 300)
# For how long a list of orders without news says that there are no new despatches either; 0 asks for them each time.
PROSKU_DESPATCHES_SECONDS = env.number("PROSKU_DESPATCHES_SECONDS", 600)
PROSKU_PAGE_SIZE = env.number("PROSKU_PAGE_SIZE", 500, at_least=1)
# How long ProSKU's messages are kept that nothing rests on any more, and decisions in bulk that are done.
ARCHIVE_KEEP_DAYS = env.number("ARCHIVE_KEEP_DAYS", 90, at_least=1)
# How long files that people exported can be downloaded; who took them stays on record.
EXPORT_KEEP_DAYS = env.number("EXPORT_KEEP_DAYS", 7, at_least=1)
# Where shipping files are picked up, in one folder per seller code; empty means nowhere.
SHIPPING_FILES_DIR = env.text("SHIPPING_FILES_DIR", "")
# A silence shorter than this is no news, whatever is usual.
SILENCE_MINUTES = env.number("SILENCE_MINUTES", 60, at_least=1)
# Whether connections to warehouses may lead to private, loopback and link-local addresses.
WAREHOUSE_ALLOW_PRIVATE_NETWORKS = env.flag("WAREHOUSE_ALLOW_PRIVATE_NETWORKS", default=not PRODUCTION)
# Whether webhooks may go to plain http and to private, loopback and link-local addresses: only where nobody else may
# name an address, or for a demo.
WEBHOOK_ALLOW_PRIVATE_NETWORKS = env.flag("WEBHOOK_ALLOW_PRIVATE_NETWORKS", default=False)
# Of one try, from looking the name up to the end of the answer.
WEBHOOK_TIMEOUT_SECONDS = env.number("WEBHOOK_TIMEOUT_SECONDS", 20, at_least=1)
# How long it is kept what was delivered, with what the endpoints answered.
WEBHOOK_KEEP_DAYS = env.number("WEBHOOK_KEEP_DAYS", 30, at_least=4)
