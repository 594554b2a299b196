"""Django's settings, derived from :mod:`varde_node.site.configuration`; nothing is read from the environment here."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from varde_node.site.configuration import configuration
from varde_node.site.logs import configure_logging

CONFIGURATION = configuration()
DATA = CONFIGURATION.data_folder
DATA.mkdir(parents=True, exist_ok=True)

SECRET_KEY = CONFIGURATION.signing_key()
DEBUG = CONFIGURATION.debug
DEMO = CONFIGURATION.demo
ALLOWED_HOSTS = list(CONFIGURATION.hosts)
ROOT_URLCONF = "varde_node.site.urls"
WSGI_APPLICATION = "varde_node.site.wsgi.application"

# From the ground floor upwards; a domain's rules, navigation and jobs are registered in this order.
DOMAINS = ["jobs", "people", "consent", "registers", "lab", "clinic", "site"]

INSTALLED_APPS = [
    *(f"varde_node.{name}" for name in reversed(DOMAINS)),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "varde_node.site.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "varde_node.site.middleware.RequestLimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "varde_node.people.middleware.ActorMiddleware",
    "varde_node.site.middleware.VisitorLimitMiddleware",
    "varde_node.site.middleware.ErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "varde_node.site.context.page",
            ],
            "builtins": [
                "varde_node.site.templatetags.varde",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"


def _database(url: str | None) -> dict[str, object]:
    if url is None:
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "varde.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("VARDE_DATABASE_URL: expected postgresql://user:password@host:port/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(CONFIGURATION.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["varde_node.people.backends.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "people:start"
LOGOUT_REDIRECT_URL = "people:sign_in"
ACCOUNT_ADAPTER = "varde_node.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
SOCIALACCOUNT_ADAPTER = "varde_node.people.adapters.ProviderAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "varde_node.people.oidc.provider.SubjectProvider",
        "APPS": [
            {
                "provider_id": "oidc",
                "name": CONFIGURATION.oidc_name,
                "client_id": CONFIGURATION.oidc_client_id,
                "secret": CONFIGURATION.oidc_client_secret or "",
                "settings": {"server_url": CONFIGURATION.oidc_server_url},
            }
        ]
        if CONFIGURATION.oidc_server_url and CONFIGURATION.oidc_client_id
        else [],
    }
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Varde"

SESSION_COOKIE_AGE = CONFIGURATION.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIGURATION.https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "varde_node.site.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.https else None
SECURE_HSTS_SECONDS = 31_536_000 if CONFIGURATION.https else 0
SECURE_SSL_REDIRECT = CONFIGURATION.https
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000  # of a form or a batch; files are not counted
FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # every upload is streamed to a file, never held in memory
FILE_UPLOAD_TEMP_DIR = DATA / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
FILE_UPLOAD_HANDLERS = ["varde_node.site.uploads.LimitedUploadHandler"]
UPLOAD_LIMIT_BYTES = CONFIGURATION.upload_limit_bytes

LANGUAGE_CODE = CONFIGURATION.language
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = CONFIGURATION.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "files"}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if CONFIGURATION.hashed_static
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not CONFIGURATION.hashed_static
WHITENOISE_AUTOREFRESH = False

JOB_MODE = CONFIGURATION.job_mode
JOB_HEARTBEAT_LIMIT_S = CONFIGURATION.job_heartbeat_limit_s
REFERENCES = CONFIGURATION.reference_folder
REFERENCE = CONFIGURATION.reference
CLINVAR_SHARING = CONFIGURATION.clinvar_sharing
MATCHMAKER_CONTACT = CONFIGURATION.matchmaker_contact
GENE_KNOWLEDGE = CONFIGURATION.gene_knowledge_file
STRUCTURAL_TABLES = CONFIGURATION.structural_tables_folder
PHENOTYPE_NAMES = CONFIGURATION.phenotype_names_file
PIPELINE_INBOX = CONFIGURATION.inbox_folder
PIPELINE_TRUTH = CONFIGURATION.truth_folder
PIPELINE_TARGET = CONFIGURATION.pipeline_target
PIPELINE_CORES = CONFIGURATION.pipeline_cores
PIPELINE_PROFILE = CONFIGURATION.pipeline_profile
COVERAGE_MINIMUM = CONFIGURATION.coverage_minimum
COVERAGE_BEFORE, COVERAGE_AFTER = CONFIGURATION.coverage_before, CONFIGURATION.coverage_after

BEACON_ID, BEACON_ORGANISATION = CONFIGURATION.beacon_id, CONFIGURATION.beacon_organisation
PUBLIC_BUDGET = CONFIGURATION.public_budget
PROFESSIONAL_BUDGET = CONFIGURATION.professional_budget
TRUSTED_PROXIES = CONFIGURATION.trusted_proxies

LOGGING_CONFIG = None
configure_logging(CONFIGURATION.log_level)
