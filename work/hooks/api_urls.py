"""The addresses of webhooks for programs."""

from django.urls import path

from work.hooks import api

urlpatterns = [
    path("webhooks/", api.Webhooks.as_view(), name="api-webhooks"),
    path("webhooks/<str:key>/", api.Webhook.as_view(), name="api-webhook"),
    path("webhooks/<str:key>/steps/", api.WebhookSteps.as_view(), name="api-webhook-steps"),
    path("webhooks/<str:key>/deliveries/", api.WebhookDeliveries.as_view(), name="api-webhook-deliveries"),
    path("webhook-deliveries/<str:key>/", api.WebhookDelivery.as_view(), name="api-webhook-delivery"),
    path(
        "webhook-deliveries/<str:key>/replay/",
        api.WebhookDeliveryReplay.as_view(),
        name="api-webhook-delivery-replay",
    ),
    path("webhook-events/", api.WebhookEvents.as_view(), name="api-webhook-events"),
]
