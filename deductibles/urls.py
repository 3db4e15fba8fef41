from django.urls import URLPattern

app_name = "deductibles"
urlpatterns: list[URLPattern] = []
