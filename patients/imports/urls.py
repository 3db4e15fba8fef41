"""The addresses of importing: one set for each kind, so that the address alone says who may."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from patients.imports import taking, views
from patients.imports.kinds import handlers

app_name = "imports"
urlpatterns = [path("", views.import_list, name="list")]
for _kind in handlers():
    urlpatterns += [
        path(f"{_kind}/", views.door(_kind, views.bring), name=_kind),
        path(f"{_kind}/template/", views.door(_kind, views.template), name=f"{_kind}_template"),
        path(f"{_kind}/export/", taking.door(_kind), name=f"{_kind}_export"),
        path(f"{_kind}/<row:key>/", views.door(_kind, views.one), name=f"{_kind}_one"),
        path(f"{_kind}/<row:key>/wrong/", views.door(_kind, views.wrong_rows), name=f"{_kind}_wrong"),
    ]
