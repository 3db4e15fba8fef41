"""The addresses under which an admin changes the policy."""

from django.urls import path

from escalations import bench_views, lists_views, words_views

app_name = "policy"
urlpatterns = [
    path("settings/lists/", lists_views.lists, name="lists"),
    path("settings/test-bench/", bench_views.ticket_bench, name="bench"),
    path("settings/glossary/", words_views.words, name="words"),
]
