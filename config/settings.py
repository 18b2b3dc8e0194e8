"""All settings, all from the environment. Without any, a checkout is a development checkout.

Naming a database (``DATABASE_URL``) makes it a deployment: from then on every secret and address
is required and a missing one stops the start with its name. ``docs/how-to/operate.md`` lists them.
"""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from config import beat, roles, stack
from config.environment import flag, kept_secret, number, required, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = stack.var()
EMBEDDED = stack.wants_postgres()

DEBUG = flag("DEBUG", default=EMBEDDED)
HTTPS = flag("HTTPS", default=not EMBEDDED)  # whether readers reach the site over TLS
SECRET_KEY = required("SECRET_KEY", embedded=kept_secret("secret_key", size=48) if EMBEDDED else "")
SECRET_KEY_FALLBACKS = words(os.environ.get("SECRET_KEY_FALLBACKS", ""))
# Encrypts what must be read back (authenticator secrets): the first key writes, all of them read.
FIELD_ENCRYPTION_KEYS = words(
    required("FIELD_ENCRYPTION_KEYS", embedded=kept_secret("field_key") if EMBEDDED else "")
)
ALLOWED_HOSTS = words(required("ALLOWED_HOSTS", embedded="localhost,127.0.0.1,[::1]"))
SITE_URL = required("SITE_URL", embedded="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = words(os.environ.get("CSRF_TRUSTED_ORIGINS", ""))

# -- Applications ------------------------------------------------------------------------------

LOCAL_APPS = ["initiatives", "agenda", "measures", "activities", "meetings", "backbone"]
INSTALLED_APPS = [
    *LOCAL_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "initiatives.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "initiatives.codes.in_turn",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "initiatives.middleware.bounded_bodies",
    "initiatives.middleware.idle_sessions",
    "initiatives.middleware.private_pages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]
FORM_RENDERER = "config.renderers.ConcertRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Database ----------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Django's settings for a libpq URL; what Django has no name for goes to the driver."""
    facts = dict(conninfo_to_dict(url))
    own = {"NAME": facts.pop("dbname", "")}
    own |= {each.upper(): facts.pop(each, "") for each in ("user", "password", "host", "port")}
    return {"ENGINE": "django.db.backends.postgresql", **own, "OPTIONS": facts}


DATABASES = {
    "default": {
        **database(os.environ.get("DATABASE_URL") or stack.database_url()),
        "CONN_MAX_AGE": number("CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        # A pooler that hands each transaction another server connection (PgBouncer) needs this.
        "DISABLE_SERVER_SIDE_CURSORS": flag("BEHIND_POOLER", default=False),
    }
}
# Used by `manage.py migrate` alone, which becomes the owner of the tables with it.
MIGRATE_DATABASE_URL = os.environ.get("MIGRATE_DATABASE_URL") or (
    stack.database_url(roles.MIGRATE) if EMBEDDED else ""
)

# -- Redis: the broker and the cache; nothing that matters lives there alone ---------------------

EMBEDDED_REDIS = stack.wants_redis()
REDIS_URL = os.environ.get("REDIS_URL") or stack.redis_url(0)
CACHE_URL = os.environ.get("CACHE_URL") or (stack.redis_url(1) if EMBEDDED_REDIS else REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "config.cache.SteadyRedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "concert",
        "VERSION": 2,  # what was stored before was not JSON
        "OPTIONS": {
            "serializer": "config.cache.PlainSerializer",
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
        },
    }
}

CELERY_BROKER_URL = stack.broker_url(0) if EMBEDDED_REDIS else REDIS_URL
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_DB_REUSE_MAX = 200  # tasks of one connection; Celery's own habit is a new one for each
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kB
WORKER_MEMORY_MB = number("WORKER_MEMORY_MB", 1_024)  # the most that one worker process may ask for
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CONCURRENCY = number("WORKER_CONCURRENCY", 1)
# A job whose worker died is done by another one after this long: no run may take longer.
JOB_LEASE_SECONDS = number("JOB_LEASE_SECONDS", 300)
CELERY_BEAT_SCHEDULE = beat.schedule(
    sweep_seconds=number("SWEEP_SECONDS", 30), letter_seconds=number("LETTER_SECONDS", 60)
)
CELERY_BEAT_MAX_LOOP_INTERVAL = 60  # beat says it is well until twice as long has passed
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat")

# -- People and sessions -----------------------------------------------------------------------

AUTH_USER_MODEL = "initiatives.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "initiatives.passwords.CommonCoreValidator"},
    {"NAME": "initiatives.passwords.LeakedValidator"},
]
# A sorted file of SHA-1 sums of stolen passwords, searched in place; without one none is.
LEAKED_PASSWORDS = os.environ.get("LEAKED_PASSWORDS", "")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/?signed-in"  # who belongs to one initiative is led on to it
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# A code, to be entered where one signed up, and no link: who clicks a link that a stranger asked
# for would open an account of which the stranger knows the password.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Concert] "
ACCOUNT_CHANGE_EMAIL = True
# Beside allauth's own limits: nobody's mailbox is filled by a stranger who keeps asking.
ACCOUNT_RATE_LIMITS = {
    "reset_password": "20/m/ip,5/m/key,20/d/key",  # pragma: allowlist secret
    "confirm_email": "1/10s/key,20/h/key",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)
MFA_ADAPTER = "initiatives.adapters.EncryptingMFAAdapter"
# allauth's own forms in the words of the other pages.
ACCOUNT_FORMS = {
    name: f"initiatives.forms.accounts.{form}Form"
    for name, form in (
        ("login", "Login"),
        ("signup", "Signup"),
        ("add_email", "AddEmail"),
        ("change_password", "ChangePassword"),
        ("set_password", "SetPassword"),
        ("reset_password", "ResetPassword"),
        ("reset_password_from_key", "ResetPasswordKey"),
        ("confirm_email_verification_code", "CodeOfLetter"),
    )
}
MFA_FORMS = {
    "activate_totp": "initiatives.forms.accounts.SetUpAppForm",
    "add_webauthn": "initiatives.forms.accounts.AddKeyForm",
    "edit_webauthn": "initiatives.forms.accounts.RenameKeyForm",
    "authenticate": "initiatives.codes.AuthenticateForm",
    "reauthenticate": "initiatives.codes.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # localhost, where browsers allow it too
MFA_TOTP_ISSUER = "Concert"
ACCOUNT_ADAPTER = "initiatives.adapters.AccountAdapter"
# Project managers and funders set up a second factor before an initiative opens. A checkout's
# people have passwords that everyone knows and no telephone: there it is asked only on demand.
MFA_REQUIRED = flag("MFA_REQUIRED", default=not (EMBEDDED or DEBUG))
USERSESSIONS_TRACK_ACTIVITY = False  # idle_sessions notes it, now and then

# What one person or one initiative may make; the next one is refused in place.
QUOTAS = {
    "initiatives": number("QUOTA_INITIATIVES", 20),  # per person and day
    "invitations": number("QUOTA_INVITATIONS", 1_000),  # per initiative and day
    "invitations_by_person": number("QUOTA_INVITATIONS_BY_PERSON", 500),  # and day
    "invitation_letters": number("QUOTA_INVITATION_LETTERS", 5),  # of one invitation, per day
    "waiting_megabytes": number("QUOTA_WAITING_MEGABYTES", 500),  # files to import, per initiative
    "evidence_megabytes": number("QUOTA_EVIDENCE_MEGABYTES", 500),  # per initiative, for good
    "paper_megabytes": number("QUOTA_PAPER_MEGABYTES", 2_000),  # of meetings, per initiative
    "share_links": number("QUOTA_SHARE_LINKS", 200),  # open at once, per initiative
    "outside_delegates": number("QUOTA_OUTSIDE_DELEGATES", 10),  # of an organization, per day
    "outside_letters": number("QUOTA_OUTSIDE_LETTERS", 3),  # mandates to one address, per day
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_IDLE_SECONDS = 12 * 3600
SESSION_LONGEST_SECONDS = SESSION_COOKIE_AGE  # since signing in, however busy
SESSION_MANAGER_SECONDS = 8 * 3600  # the same for project managers
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"

# -- What browsers are told --------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the machine beside us, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Of a whole request, files with it: a member's spreadsheet of 50 MB fits, a stranger has no file.
MOST_BODY_BYTES = 52 * 1024 * 1024
MOST_BODY_BYTES_OF_STRANGERS = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# -- Files, language, mail ---------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.finders.PlotlyFinder",
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": os.environ.get("MEDIA_ROOT") or str(VAR / "media")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English (United States)")), ("en-gb", _("English (United Kingdom)"))]
FORMAT_MODULE_PATH = ["config.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL", embedded="Concert <concert@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", 10)
EMAIL_PATIENCE = number("EMAIL_PATIENCE", 90)  # for the answer to a letter handed over
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND") or (
    "django.core.mail.backends.filebased.EmailBackend"
    if EMBEDDED and not os.environ.get("EMAIL_HOST")
    else "initiatives.smtp.EmailBackend"
)
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = required("EMAIL_HOST", embedded="localhost")
EMAIL_PORT = number("EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=True)

# -- Logs: JSON lines in a deployment, short prefixed lines in development -------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "initiatives.logs.ContextFilter"}},
    "formatters": {
        "json": {"()": "initiatives.logs.JsonFormatter"},
        "plain": {"()": "initiatives.logs.PlainFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["context"],
            "formatter": "plain" if flag("PLAIN_LOGS", default=EMBEDDED) else "json",
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL") or "INFO"},
    # Django's own handlers (console in DEBUG, mail to admins) would say everything twice.
    "loggers": {
        name: {"handlers": [], "propagate": True, "level": "INFO"}
        for name in ("django", "django.server")
    },
}
