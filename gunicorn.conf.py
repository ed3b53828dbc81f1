"""How gunicorn runs Kentongan: two processes, a few threads each, and no line about anybody's request."""

workers = 2
threads = 4
worker_class = "gthread"
accesslog = None
errorlog = "-"
# A warning of gunicorn's names the address of whoever sent what is no HTTP.
loglevel = "error"
preload_app = False
worker_tmp_dir = "/dev/shm"
