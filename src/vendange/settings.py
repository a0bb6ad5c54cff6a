"""The one settings file. Everything that differs between machines comes from the environment: docs/environment.md."""

import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from vendange.environment import (
    BadEnvironment,
    env_address,
    env_bool,
    env_int,
    env_list,
    env_mailbox,
    env_path,
    env_text,
    env_zone,
)

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent.parent
HOME = env_path("VENDANGE_HOME", default=CHECKOUT / "var" if (CHECKOUT / "pyproject.toml").exists() else Path("var"))
DEBUG = env_bool("VENDANGE_DEBUG", default=False)


def secret_key() -> str:
    """The key that signs sessions: given, or made once and kept in VENDANGE_HOME, readable by its owner only."""
    given = env_text("VENDANGE_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise BadEnvironment("VENDANGE_SECRET_KEY is shorter than 32 characters. Give a longer one, or none.")
        return given
    kept = HOME / "secret_key"
    if not kept.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text().strip()


def sqlite(name: str, synchronous: str) -> dict[str, Any]:
    """IMMEDIATE and a patient timeout, because SQLite has one writer; see docs/decisions and the stack's figures."""
    HOME.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(HOME / f"{name}.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
        },
        # The inbox holds our own tables only: tests create them directly, other apps' data migrations stay out.
        "TEST": {"NAME": None, "MIGRATE": name != "inbox"},
    }


def databases() -> dict[str, dict[str, Any]]:
    """`default` for the company, `inbox` for what has just come in: two files on SQLite, one database on PostgreSQL."""
    url = env_text("DATABASE_URL")
    if not url:
        return {"default": sqlite("vendange", "NORMAL"), "inbox": sqlite("inbox", "FULL")}
    if not url.startswith(("postgres://", "postgresql://")):
        raise BadEnvironment(
            "DATABASE_URL must start with postgresql://. Leave it out to use SQLite files under VENDANGE_HOME."
        )
    one: dict[str, Any] = dict(dj_database_url.parse(url))
    one["OPTIONS"] = {**one.get("OPTIONS", {}), "pool": {"min_size": 0, "max_size": 12, "timeout": 20}}
    one["CONN_MAX_AGE"] = 0
    return {"default": one}


DATABASES = databases()
INBOX_ALIAS = "inbox" if "inbox" in DATABASES else "default"
DATABASE_ROUTERS = ["vendange.models.routing.InboxRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env_list("VENDANGE_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
BASE_URL = env_text("VENDANGE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = BASE_URL.startswith("https://")
FORMS_PER_SECOND = env_int("VENDANGE_FORMS_PER_SECOND", default=50, lowest=1)
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "lucide",
    "vendange",
    "vendange.web",
]
# Shared by all processes of this machine: here allauth counts failed sign-ins.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(HOME / "cache")}
}
AUTH_USER_MODEL = "vendange.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Sign-in. Nobody signs up alone: an administrator invites (`vendange user add`, or Settings → Users).
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "vendange.web.accounts.InvitedOnly"
SOCIALACCOUNT_ADAPTER = "vendange.web.accounts.KnownColleaguesOnly"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# An administrator gives the address, so nobody is asked to prove it before they may protect their account.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_URL = env_text("VENDANGE_OIDC_URL")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": env_text("VENDANGE_OIDC_NAME", "Company account"),
                "client_id": env_text("VENDANGE_OIDC_CLIENT_ID"),
                "secret": env_text("VENDANGE_OIDC_SECRET"),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vendange.web.language.LanguageOfTheUser",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "vendange.urls"
CSRF_FAILURE_VIEW = "vendange.web.faults.form_expired"
WSGI_APPLICATION = "vendange.asgi.pages"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vendange.web.shell.shell",
            ],
            "builtins": ["lucide.templatetags.lucide", "vendange.web.templatetags.show"],
        },
    }
]

LANGUAGE_CODE = env_text("VENDANGE_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [HOME / "locale"]  # compiled there from vendange/locale at start: vendange.web.french
USE_I18N = True
TIME_ZONE = env_zone("VENDANGE_TIME_ZONE", "Europe/Paris")
USE_TZ = True

DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000  # a file may have 500 columns, and two things are said of each

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000  # addresses carry a mark of their content
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "vendange.web.static_files.Storage"},
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env_bool("VENDANGE_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # counts failed sign-ins by the address that the proxy saw
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

EMAIL_URL_HOST = env_text("VENDANGE_SMTP_HOST")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_URL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = EMAIL_URL_HOST
EMAIL_PORT = env_int("VENDANGE_SMTP_PORT", default=587, lowest=1)
EMAIL_HOST_USER = env_text("VENDANGE_SMTP_USER")
EMAIL_HOST_PASSWORD = env_text("VENDANGE_SMTP_PASSWORD")
EMAIL_USE_TLS = env_bool("VENDANGE_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env_text("VENDANGE_MAIL_FROM", "Vendange <vendange@localhost.example>")
# What comes back: where failures are returned to (with a signed mark after a plus), and the mailbox that we read.
BOUNCE_ADDRESS = env_address("VENDANGE_BOUNCE_ADDRESS")
MAILBOX = env_mailbox("VENDANGE_MAILBOX")
# Given, the provider's signature is asked of every report besides the key of its door.
MAILGUN_KEY = env_text("VENDANGE_MAILGUN_KEY")
SENDGRID_KEY = env_text("VENDANGE_SENDGRID_KEY")
SNS_CERTIFICATE = env_text("VENDANGE_SNS_CERTIFICATE")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_text("VENDANGE_LOG_LEVEL", "WARNING")},
    # A form that is too long is told to whoever sent it, and is no fault of ours: no traceback.
    "loggers": {"django.security.RequestDataTooBig": {"level": "CRITICAL"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
