from typing import Any

app_name = "triage"
urlpatterns: list[Any] = []
