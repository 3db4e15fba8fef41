"""The container files, the settings and .env.example speak of the same things; no engine is needed to see it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


class TestComposeFile:
    """What can be proved by reading."""

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    OURS = ("migrate", "web", "worker", "beat")

    def example(self):
        text = (ROOT / ".env.example").read_text()
        return set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.M))

    def read(self):
        """Every variable the code asks the environment for."""
        files = [
            ROOT / "config" / name
            for name in ("settings.py", "gunicorn.py", "celery.py", "address.py", "engines.py")
        ]
        text = "\n".join(path.read_text() for path in files)
        asked = re.findall(
            r'(?:env\.\w+|environ\.get|environ\.setdefault|_secret|email_url)\(\s*"([A-Z_]+)"', text
        )
        return set(asked) - {"DJANGO_SETTINGS_MODULE"}

    def test_every_variable_the_code_reads_is_explained_and_the_other_way_round(self):
        assert self.read() == self.example() - {"POSTGRES_PASSWORD"}

    def test_every_variable_set_for_our_services_is_read_by_the_code(self):
        for name in self.OURS:
            assert set(self.compose["services"][name]["environment"]) <= self.read(), name

    def test_every_variable_it_takes_from_outside_is_explained(self):
        taken = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
        assert taken <= self.example()

    def test_every_setting_but_a_machines_own_can_be_set_through_it(self):
        own = {"PORT", "BIND", "STATIC_ROOT", "STATIC_MANIFEST", "WEBHOOKS_TO_LOOPBACK"}
        assert self.example() - own - {"POSTGRES_PASSWORD"} == set(
            self.compose["services"]["web"]["environment"]
        )

    @pytest.mark.parametrize("name", list(compose["services"]))
    def test_every_service_is_an_ordinary_user_without_capabilities_and_can_write_nothing(self, name):
        service = self.compose["services"][name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" in service or service["build"] == ".", "our own image says USER itself"
        assert service["logging"]["options"]["max-size"]
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
        assert "healthcheck" in service

    def test_there_is_exactly_one_beat_and_two_of_web_and_worker(self):
        counts = {
            name: self.compose["services"][name].get("deploy", {}).get("replicas") for name in self.OURS
        }
        assert counts == {"migrate": None, "web": 2, "worker": 2, "beat": 1}

    def test_nobody_starts_before_the_schema_is_there(self):
        for name in ("web", "worker", "beat"):
            assert self.compose["services"][name]["depends_on"]["migrate"] == {
                "condition": "service_completed_successfully"
            }

    def test_the_image_says_an_ordinary_user(self):
        lines = (ROOT / "Dockerfile").read_text().splitlines()
        assert [line for line in lines if line.startswith("USER ")] == ["USER holdline"]
