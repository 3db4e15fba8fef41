from django.urls import path

from patients import emergency_views as views

app_name = "emergency"
urlpatterns = [
    path("", views.page, name="page"),
    path("open/", views.open_pages, name="open"),
    path("end/", views.end_pages, name="end"),
]
