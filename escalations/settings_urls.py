"""The addresses under which an admin changes the policy."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from escalations import bench_views, lists_views, words_views
from escalations.policy_edit import general_views, publish_views, views

app_name = "policy"
urlpatterns = [
    path("settings/lists/", lists_views.lists, name="lists"),
    path("settings/test-bench/", bench_views.ticket_bench, name="bench"),
    path("settings/glossary/", words_views.words, name="words"),
    path("settings/policy/", views.overview, name="overview"),
    path("settings/policy/new-type/", views.type_new, name="type_new"),
    path("settings/policy/types/<slug:key>/", views.type_page, name="type"),
    path("settings/policy/types/<slug:key>/question/", views.question, name="question_new"),
    path("settings/policy/types/<slug:key>/question/<slug:question>/", views.question, name="question"),
    path("settings/policy/types/<slug:key>/rule/", views.rule, name="rule_new"),
    path("settings/policy/types/<slug:key>/rule/<str:rule>/", views.rule, name="rule"),
    path("settings/policy/general/", general_views.general, name="general"),
    path("settings/policy/order/", general_views.order, name="order"),
    path("settings/policy/names/", general_views.names, name="names"),
    path("settings/policy/which/", general_views.which, name="which"),
    path("settings/policy/which/new/", general_views.fork, name="fork_new"),
    path("settings/policy/which/question/<slug:fork>/", general_views.fork, name="fork"),
    path("settings/policy/publish/", publish_views.publish, name="publish"),
    path("settings/policy/import/", publish_views.import_file, name="import"),
    path("settings/policy/versions/", publish_views.versions, name="versions"),
    path("settings/policy/versions/<row:number>/", publish_views.version, name="version"),
    path("settings/policy/versions/<row:number>/file/", publish_views.file, name="file"),
    path("settings/policy/moves/<row:key>/", publish_views.move, name="move"),
    path("settings/policy/moves/<row:key>/undo/", publish_views.undo, name="undo"),
]
