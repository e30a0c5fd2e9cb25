"""Settings: safe in development with no .env, everything else from the environment.

`DATABASE_URL` switches from the embedded SQLite to PostgreSQL; see `.env.example` for production.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=not (BASE_DIR / ".env").exists())
(BASE_DIR / "var").mkdir(exist_ok=True)


def _cle_de_developpement():
    """Return the key of this folder, drawn once: sessions and calendar addresses outlive a restart.

    The prefix matters: django-environ reads a value that begins with "$" as the name of another variable.
    """
    fichier = BASE_DIR / "var" / "cle-de-developpement"
    if not fichier.exists():
        fichier.touch(mode=0o600)
        fichier.write_text(f"dev-{get_random_secret_key()}")
    return fichier.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or (_cle_de_developpement() if DEBUG else env.str("SECRET_KEY"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"] if DEBUG else [])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "ctg",
    "actions",
    "pilotage",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prose_editor",
    "import_export",
    "js_asset",
    "rules",
    "simple_history",
]

MIDDLEWARE = [
    "ctg.erreurs.Numero",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "ctg.gardes.RienEnMemoire",
    "ctg.gardes.SecondFacteurDesAdministrateurs",
    "actions.lieu.Lieu",
    "ctg.gardes.PagesPubliques",
    "ctg.acces.RendreLaReponse",
]

ROOT_URLCONF = "ctg.urls"
WSGI_APPLICATION = "ctg.wsgi.application"

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
                "csp.context_processors.nonce",
                "actions.lieu.contexte",
            ],
            "builtins": ["ctg.templatetags.francais", "ctg.templatetags.adresses"],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'ctg.sqlite3'}")}
if DATABASES["default"].get("ENGINE", "").rpartition(".")[2] not in {"sqlite3", "postgresql"}:
    raise ImproperlyConfigured(
        "DATABASE_URL ne se lit pas : écrivez postgres://compte:mot-de-passe@serveur:5432/base, ou sqlite:////chemin."
    )
# A connection is kept by its thread: opening one costs more than the page that it serves.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: two agents who save at once queue instead of failing with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file: in memory, threads share one connection's locks and fail at once.
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / "test.sqlite3")}
else:
    # A server that was restarted is found again by itself, without one failed request a thread.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# What is counted by client (attempts to sign in) is shared by all processes and machines.
CACHES = {
    "default": env.cache_url("CACHE_URL", default="dbcache://ctg_cache"),
    # Parts of pages, under the mark of what they are made of (ctg/pages.py): of one process, gone with it, never stale.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 400},
    },
    # The same for the lines of long lists, of which a change touches one: small (1 to 2 KiB) and many, for twenty territories.
    "lignes": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "lignes",
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# A fiche pasted whole from Word is read, so that its fields can say what is too long (bytes; files apart).
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "ctg.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "ctg.comptes.ComptesFermes"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[CTG] "
ACCOUNT_LOGOUT_ON_GET = False
# An address is changed once it has answered: until then the old one signs in, and no other (ModelBackend).
ACCOUNT_CHANGE_EMAIL = True
# Who mistypes one, then types it again, waits for a message that comes; by default none left for three minutes.
ACCOUNT_RATE_LIMITS = {"confirm_email": "3/m/key"}
# How many front servers of ours stand before the application: the client is who the first of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ALLAUTH_TRUSTED_PROXY_COUNT", default=0)
MFA_TOTP_ISSUER = "CTG"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SECOND_FACTEUR_EXIGE = env.bool("SECOND_FACTEUR_EXIGE", default=not DEBUG)
# A server of an organisation may say who comes in (OpenID Connect), among the accounts that exist: actions/identite.py.
OIDC_SERVEUR = env.str("OIDC_SERVEUR", default="").rstrip("/")
OIDC_ORIGINE = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVEUR))] if OIDC_SERVEUR else []
SOCIALACCOUNT_ADAPTER = "actions.identite.Identite"
SOCIALACCOUNT_PROVIDERS = {}
if OIDC_SERVEUR:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "SCOPE": ["openid", "email"],  # the address says it all: neither name nor portrait is asked
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("OIDC_NOM", default="") or "Se connecter par mon organisation",
                "client_id": env.str("OIDC_CLIENT"),
                "secret": env.str("OIDC_SECRET"),
                "settings": {"server_url": OIDC_SERVEUR},
            }
        ],
    }
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "travail"
LOGOUT_REDIRECT_URL = "accueil"
# E-mail waits in a queue in the database (ctg/courriels.py), then falls on the console until EMAIL_URL says otherwise.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
COURRIELS_BACKEND, EMAIL_BACKEND = EMAIL_BACKEND, "ctg.courriels.File"  # noqa: F821 - set by the line above
EMAIL_TIMEOUT = 30  # seconds: a mail server that does not answer holds nobody
# At once in development; in production by a timer (`envoyer_les_courriels`), so that no page waits for a mail server.
COURRIELS_AUSSITOT = env.bool("COURRIELS_AUSSITOT", default=DEBUG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ctg@localhost")

# Who hosts the installation, on the legal pages of the territories that do not say otherwise.
HEBERGEUR = env.str("HEBERGEUR", default="")

# --- Language -----------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
# Years are numbers too: amounts ask for their separators (francais.nombre), years must not get any.

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    # The WOFF2 pieces of the fonts, made on this machine.
    "ctg.polices.Trouveur",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What was signed, voted, adopted: under its SHA-256, written once (ctg/scelles.py).
    "scelles": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(BASE_DIR / env.str("SCELLES_ROOT", default="var/scelles"))},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_URL = "media/"
# From the folder of the application, whatever folder a command is called from.
MEDIA_ROOT = BASE_DIR / env.str("MEDIA_ROOT", default="var/media")
DOCUMENTS_ROOT = BASE_DIR / env.str("DOCUMENTS_ROOT", default="var/documents")
# Documents are laid out a little after each change, ahead of who prints them.
IMPRIMER_D_AVANCE = env.bool("IMPRIMER_D_AVANCE", default=True)
# What a server, and no command, does once a write is committed (ctg/compteurs.py).
A_L_ECOUTE = ["pilotage.avance.entendre"]
# Attachments: what a mail server of a town hall lets through, and no more (bytes).
PIECE_JOINTE_TAILLE_MAX = 10 * 1024 * 1024
# Above this the request is cut by the front server; Django streams larger bodies to disk.
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Security -----------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "ctg.acces.jeton_refuse"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        # ProseMirror sets style attributes on the nodes that it edits.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # The sign-in form is sent on to that server.
        "form-action": [SELF, *OIDC_ORIGINE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# --- Libraries ----------------------------------------------------------------------------------
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False
# History serves reading: what is restored is restored on the site, section by section, after it was shown.
SIMPLE_HISTORY_REVERT_DISABLED = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"daté": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "daté"}},
    "loggers": {
        "ctg": {"handlers": ["console"], "level": "INFO"},
        # What was answered, and to whom; the development server has its own lines.
        "ctg.acces": {"level": "WARNING" if DEBUG else "INFO"},
        "weasyprint": {"level": "ERROR"},
    },
}
