"""How gunicorn runs Kentongan: two processes, a few threads each, and no line about anybody's request."""

import ctypes
import os
import resource
import sys
from typing import Any

workers = 2
# More than may wait for Argon2id (``kernel.vault.stretching``), 40 ms each: the rest answer everybody else.
threads = 10
worker_class = "gthread"
accesslog = None
errorlog = "-"
# A warning of gunicorn's names the address of whoever sent what is no HTTP.
loglevel = "error"
# Its errors are told as ours are; the root logger is left to the application.
logconfig_dict = {
    "formatters": {
        "discreet": {
            "class": "kernel.log.Discreet",
            "format": "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "loggers": {"gunicorn.error": {"level": "ERROR", "handlers": ["stderr"], "propagate": False}},
    "root": {},
}
preload_app = False
worker_tmp_dir = "/dev/shm"
# Its default is a socket in the home folder, by which whoever finds it commands the workers.
control_socket_disable = True

PR_SET_DUMPABLE = 4


def leave_no_core() -> None:
    """Have this process die without a trace of its memory, in which reports and phrases lie while they are sealed.

    The limit keeps the kernel from writing a file; a program that collects crashes ignores it, and gets nothing from a
    process that is not dumpable (prctl(2), core(5)); nor can anybody but root trace it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")


def post_fork(_server: Any, _worker: Any) -> None:
    """Begin every worker so, before it reads the installation's secret."""
    leave_no_core()


def post_worker_init(worker: Any) -> None:
    """Do it again: a worker that has changed its user in between is dumpable once more. Then have it work, too.

    Where ``flask work`` runs in processes of its own, ``KENTONGAN_WORK=apart`` says so.
    """
    leave_no_core()
    if os.environ.get("KENTONGAN_WORK") != "apart":
        # Imported here: the process that only watches over the others needs none of it.
        from kernel.working import work_beside

        work_beside(worker.wsgi)
