"""Settings of Django. Everything that an operator sets comes from the environment: docs/operate.md."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from zhizhi.config.databases import databases_of

DEBUG = False
SECRET_KEY = os.environ.get("ZHIZHI_SECRET_KEY", "") or "only-for-commands-without-sessions"
ALLOWED_HOSTS = os.environ.get("ZHIZHI_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
METRICS_TOKEN = os.environ.get("ZHIZHI_METRICS_TOKEN", "")
# The one origin of the pages, such as https://collections.example.cn: passkeys belong to it, cookies want TLS.
ORIGIN = os.environ.get("ZHIZHI_ORIGIN", "").rstrip("/")
PROXIES = int(os.environ.get("ZHIZHI_PROXIES") or 0)
IS_TLS = ORIGIN.startswith("https://")
# TLS ends at a proxy, and nobody's word is taken for it: the origin says whether browsers are to insist on it.
HSTS_SECONDS = int(os.environ.get("ZHIZHI_HSTS") or 365 * 24 * 3600) if IS_TLS else 0
ROOT_URLCONF = "zhizhi.config.urls"
WSGI_APPLICATION = "zhizhi.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "zhizhi.store",
    "zhizhi.web.shared",
    "zhizhi.web.portal",
    "zhizhi.web.console",
]
MIDDLEWARE = [
    "zhizhi.web.shared.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zhizhi.web.shared.signed_in.SignedInMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "builtins": ["zhizhi.web.shared.templatetags.words"],
        },
    }
]

DATABASES = databases_of(os.environ)
DATABASE_ROUTERS: list[str] = []
AUTH_USER_MODEL = "store.Staff"
AUTHENTICATION_BACKENDS: list[str] = []  # the only way in is usecases/sign_in
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name")},
    },
    {"NAME": "zhizhi.store.sign_in.guessable.GuessablePassword"},
]
LOGIN_URL = "/sign-in"
SESSION_ENGINE = "zhizhi.store.sign_in.browser_sessions"  # rows that open to the browser alone
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600  # longer than any session lasts: store/sign_in/by_role.py
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
if IS_TLS:  # a browser takes such a cookie from this very host alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = [ORIGIN] if ORIGIN else []
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "zhizhi.web.console.screens.errors.csrf_failed"
# Other headers of every answer: web/shared/headers.py
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        **({"upgrade-insecure-requests": True} if IS_TLS else {}),
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).resolve().parent.parent / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20
# Of each token of the API, leases apart (docs/api.md).
API_PER_MINUTE = int(os.environ.get("ZHIZHI_API_PER_MINUTE") or 1200)
API_AT_ONCE = int(os.environ.get("ZHIZHI_API_AT_ONCE") or 200)
# Units of exports within 24 hours: an installation may set less, never more (docs/exports.md).
EXPORT_UNITS = int(os.environ.get("ZHIZHI_EXPORT_UNITS") or 500)
if not 0 <= EXPORT_UNITS <= 500:
    raise ImproperlyConfigured("ZHIZHI_EXPORT_UNITS is 0 to 500")

LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "zhizhi.config.logs.PlainFormatter"}},
    "filters": {"without_address": {"()": "zhizhi.config.logs.WithoutAddress"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_address"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "WARNING"}},  # Django's own would mail whole requests
}
