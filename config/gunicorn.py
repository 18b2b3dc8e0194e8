"""How gunicorn serves: sync workers, loaded once and forked, so that they share their memory."""

import os

from config.settings import DEBUG, LOGGING

bind = os.environ.get("BIND") or "127.0.0.1:8000"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
preload_app = not DEBUG  # what is loaded before forking cannot be reloaded
timeout = 30
graceful_timeout = 20
keepalive = 5
# A leak that nobody has found yet stays bounded; the jitter keeps workers from leaving together.
max_requests = 5_000
max_requests_jitter = 500
# gunicorn makes its own file there, for itself alone.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112  # nosec B108
accesslog = None  # the proxy writes it (config/Caddyfile), and our own lines carry the request id
errorlog = "-"
# Its own lines in the same form as Django's.
logconfig_dict = {
    **LOGGING,
    "loggers": {
        **LOGGING["loggers"],
        "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
    },
}
control_socket_disable = True
