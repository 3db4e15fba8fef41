from django.urls import path

from config.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.audit, name="list"),
    path("export/", views.export, name="export"),
    path("<uuid:key>/", views.act, name="act"),
]
