from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from patients import mark_views, views

app_name = "patients"
urlpatterns = [
    path("", views.patient_list, name="list"),
    path("new/", views.patient_new, name="new"),
    path("<row:key>/", views.patient_page, name="patient"),
    path("<row:key>/edit/", views.patient_edit, name="edit"),
    path("<row:key>/contact/", views.patient_contact, name="contact"),
    path("<row:key>/marks/", mark_views.patient_marks, name="marks"),
]
