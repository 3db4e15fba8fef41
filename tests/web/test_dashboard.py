"""The dashboard and the alerts that come along name metrics that there are, with labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.watching import metrics

pytestmark = pytest.mark.django_db
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
_NAME = re.compile(r"\bholdline_[a-z_]+")
_LABELS = re.compile(r"\b(holdline_[a-z_]+)\{([^}]*)\}")


def expressions() -> list[str]:
    dashboard: dict[str, Any] = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    alerts: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus-alerts.yml").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    told = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    assert len(shown) > 10 and len(told) > 5
    return shown + told


@pytest.fixture
def exposed(client: Any, settings: Any) -> str:
    """The page of metrics after one request, so that the counters are there."""
    settings.METRICS_TOKEN = "a-token-for-a-test"  # noqa: S105
    metrics.observe_request("GET", "home", 200, 0.1)
    return str(
        client.get("/metrics", headers={"Authorization": "Bearer a-token-for-a-test"}).content.decode()
    )


def test_every_metric_that_is_drawn_or_watched_is_there(exposed: str) -> None:
    families = set(re.findall(r"^# TYPE (holdline_[a-z_]+) ", exposed, re.M))
    known = families | {f"{name}_bucket" for name in families}
    named = {name for one in expressions() for name in _NAME.findall(one)}
    assert named and named <= known, sorted(named - known)


def test_every_label_that_is_asked_for_is_one_of_the_metrics(exposed: str) -> None:
    for expression in expressions():
        for name, labels in _LABELS.findall(expression):
            for label in re.findall(r"(\w+)\s*[=!]", labels):
                family = name.removesuffix("_bucket")
                samples = [line for line in exposed.splitlines() if line.startswith(f"{family}{{")]
                assert not samples or f"{label}=" in samples[0], expression


def test_every_drawing_names_the_source_that_is_chosen() -> None:
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    assert [one["name"] for one in dashboard["templating"]["list"]] == ["source"]
    assert all(panel["datasource"]["uid"] == "${source}" for panel in dashboard["panels"])
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in dashboard["panels"]]
    assert len(places) == len(set(places))
