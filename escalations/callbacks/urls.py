from typing import Any

app_name = "callbacks"
urlpatterns: list[Any] = []
