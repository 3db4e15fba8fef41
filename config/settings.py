"""All settings, read from the environment first; a missing one is named, with what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
import pghistory
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from config import services, signing_in
from config.front import policy
from config.watching import logs, safety

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
for _written_by_make_run in ("secrets.env", "run.env"):
    if (VAR_DIR / _written_by_make_run).is_file():
        environ.Env.read_env(str(VAR_DIR / _written_by_make_run))  # the environment itself wins
DEMO = env.bool("DEMO", default=not env.str("DATABASE_URL", default=""))
"""The demo: sandbox gateways, the printed password, dates of the future allowed in runs."""
DEBUG = env.bool("DEBUG", default=False)


def _secret(name: str) -> str:
    """The demo and a developer's machine have defaults; ``safety`` below refuses them in production."""
    default = f"only-for-the-demo-{name.lower()}-not-a-secret-0123456789abcdef"
    return env.str(name, default="") or (default if DEMO or DEBUG else "")


SECRET_KEY = _secret("SECRET_KEY")
SECRETS_KEY = _secret("SECRETS_KEY")
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{env.int('PORT', default=8000)}")
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[]),
    urlsplit(SITE_URL).hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "api",
    "patients",
    "work",
    "tables",
    "escalations",
    "deductibles",
    "config",
]

MIDDLEWARE = [
    "config.watching.tracing.Requests",
    "django.middleware.security.SecurityMiddleware",
    # outside of everything that may refuse or fail, so that error pages carry them too
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.front.outage.Outage",
    "config.watching.health.Probes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.front.bodies.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionClock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.KeepNothing",
    "allauth.account.middleware.AccountMiddleware",
    "config.setup.door.SetUpFirst",
    "accounts.middleware.SignInFirst",
    "accounts.middleware.FactorFirst",
    "accounts.middleware.InEmergency",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.front.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
COTTON_DIR = "components"

_database_url = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
if not (_database_url and REDIS_URL):
    _embedded = services.addresses(VAR_DIR)
    _database_url = _database_url or _embedded.database_url
    REDIS_URL = REDIS_URL or _embedded.redis_url
DATABASES = {"default": env.db_url_config(_database_url)}
DATABASES["default"].setdefault("ENGINE", "django.db.backends.postgresql")
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # PgBouncer in transaction mode
DATABASES["default"].setdefault("OPTIONS", {})["application_name"] = "holdline"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The cache never is the broker: throttles and lockout counters must live without Redis.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "config.checks.NoDemoPassword",
    "accounts.backend.People",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = signing_in.PASSWORD_VALIDATORS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
MFA_ADAPTER = "accounts.adapter.SealedMFAAdapter"
SOCIALACCOUNT_ADAPTER = "work.oidc.flow.NoApps"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}  # there is nothing to guess, and an office has one address
MFA_FORMS = signing_in.FORMS
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the rule guards against strangers who sign up; here nobody does
# How many proxies of ours stand in front. Each appends the address it was called from to X-Forwarded-For;
# with the default of none that header is not believed at all (accounts.addresses).
TRUSTED_PROXIES = max(0, env.int("TRUSTED_PROXIES", default=0))
SYSTEM_NAME = env.str("SYSTEM_NAME", default="")  # whose system this is, said at sign-in
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody signs up here, so a stranger's address gets no mail from us
# allauth's own limits count by address alone; a call centre sits behind one address. django-axes
# counts wrong passwords by name and address together. Wrong codes of the second factor are counted by
# person, wherever they come from (accounts.adapter leaves only these to allauth).
ACCOUNT_RATE_LIMITS = signing_in.RATE_LIMITS
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.adapter.name_tried"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.lockout_address"
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=900)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=43_200)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "accounts.kept_views.csrf_failure"
CONTENT_SECURITY_POLICY = policy.CONTENT_SECURITY_POLICY

# --- words, files, mail -----------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("STATIC_MANIFEST", default=True)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = VAR_DIR / "media"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
ATTACHMENT_MOST_BYTES = 25_000_000  # one file
ATTACHMENTS_MOST_AT_ONCE = 50_000_000  # all files of one request; deploy/nginx.conf lets more through
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds; a mail server that hangs holds nobody up
DEFAULT_FROM_EMAIL = (
    env.str("DEFAULT_FROM_EMAIL", default="")
    or f"Holdline <no-reply@{urlsplit(SITE_URL).hostname or 'localhost'}>"
)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

# --- audit ------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(db_index=True)

# --- the API ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.MayDo"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", default="1200/min")},
    "EXCEPTION_HANDLER": "api.errors.answer",
    "DEFAULT_VERSIONING_CLASS": None,
    "DEFAULT_METADATA_CLASS": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Holdline API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PayerKind": "patients.models.PayerKind",
        "RunKind": "work.models.Run.Kind",
        "HoldKind": "deductibles.models.holds.Hold.Kind",
        "CoverageRank": ["primary", "secondary", "tertiary"],
        "FurtherRank": ["secondary", "tertiary"],
        "ArrivalState": "deductibles.models.acknowledgements.Arrival.State",
        "SubmissionState": "deductibles.models.submissions.Submission.State",
        "RunState": "work.models.Run.State",
        "TicketStanding": "escalations.domain.standing.STANDINGS",
        "DeliveryStatus": "work.hooks.domain.states.LABELS",
        "AnswerStanding": ["applied", "noted", "waits", "unknown"],
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# --- the outside world --------------------------------------------------------------------------
ARBOOST_URL = env.str("ARBOOST_URL", default="")
ARBOOST_TOKEN = env.str("ARBOOST_TOKEN", default="")
CLEARINGHOUSE_URL = env.str(
    "CLEARINGHOUSE_URL", default="" if not DEMO else f"file://{VAR_DIR}/clearinghouse"
)
# Beside an sftp:// address: a file with the private key or else a password, and the server's own key.
CLEARINGHOUSE_KEY_FILE = env.str("CLEARINGHOUSE_KEY_FILE", default="")
CLEARINGHOUSE_PASSWORD = env.str("CLEARINGHOUSE_PASSWORD", default="")
CLEARINGHOUSE_HOST_KEY = env.str("CLEARINGHOUSE_HOST_KEY", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Webhooks go to public https addresses. To try a receiver out on one's own machine, and only where this is no
# production, this lets them also go to it, by plain http.
WEBHOOKS_TO_LOOPBACK = (DEMO or DEBUG) and env.bool("WEBHOOKS_TO_LOOPBACK", default=False)
# A company's sign-in provider is reached from the internet; this lets one be in a private network, too.
SIGN_IN_PRIVATE = env.bool("SIGN_IN_PRIVATE", default=False)

# --- what a production start must not have ------------------------------------------------------
START = safety.Start(
    demo=DEMO,
    debug=DEBUG,
    site_url=SITE_URL,
    allowed_hosts=tuple(ALLOWED_HOSTS),
    secret_key=SECRET_KEY,
    secrets_key=SECRETS_KEY,
    arboost_url=ARBOOST_URL,
    clearinghouse_url=CLEARINGHOUSE_URL,
    email_url=env.str("EMAIL_URL", default="consolemail://"),
    embedded=_database_url == services.addresses(VAR_DIR).database_url,
    admin_factor=env.bool("ADMIN_SECOND_FACTOR", default=True),
)
PRODUCTION = START.production
# Whether an admin without a second factor may do nothing but set one up (accounts.factors).
ADMIN_SECOND_FACTOR = env.bool("ADMIN_SECOND_FACTOR", default=PRODUCTION)
if _refusals := safety.refusals(START):
    raise ImproperlyConfigured(
        "Holdline does not start like this:\n"
        + "\n".join(f"  {problem}" for problem in _refusals)
        + "\n.env.example explains every variable; `make run` makes its own secrets for a demo."
    )

# --- work that happens later ----------------------------------------------------------------------
CELERY_BROKER_URL = services.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A hung Redis must not hold a request: publishing is bounded to about a second, then given up; the
# minute's sweep finds the work in the database.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "visibility_timeout": 6 * 3600,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "nightly check, 03:00 UTC (D-CHK-1)": {
        "task": "deductibles.poke_check",
        "schedule": crontab(hour=3, minute=0),
    },
    "nightly submission, after the check": {
        "task": "deductibles.poke_submission",
        "schedule": crontab(hour=3, minute=30),
    },
    "sweep, every minute": {"task": "config.sweep", "schedule": crontab()},
    # A bell that nobody heard within its five seconds is not rung twice.
    "webhooks, every five seconds": {
        "task": "work.send_webhooks",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
}
CELERY_BEAT_SCHEDULER = "config.celery:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 20  # seconds: beat says at every turn that it lives

# --- logs: facts by id, never patient data ------------------------------------------------------
logs.speak_structured()
LOGGING = logs.logging_config(level=env.str("LOG_LEVEL", default="INFO"))
