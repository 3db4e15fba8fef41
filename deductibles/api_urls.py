"""The addresses of the biller's endpoints."""

from django.urls import path

from deductibles.api import readings

urlpatterns = [
    path("benefit-readings/", readings.BenefitReadings.as_view(), name="api-benefit-readings"),
]
