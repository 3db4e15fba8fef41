from typing import Any

app_name = "calendars"
urlpatterns: list[Any] = []
