"""Celery, the doorbell: tasks carry ids and ask whether there is work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("holdline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
