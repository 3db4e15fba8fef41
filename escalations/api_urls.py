from django.urls import path

from escalations import api

urlpatterns = [
    path("turnaround/preview/", api.PreviewView.as_view(), name="api-turnaround-preview"),
    path("escalation-types/", api.TypesView.as_view(), name="api-escalation-types"),
    path("escalations/", api.TicketsView.as_view(), name="api-escalations"),
    path("escalations/<str:key>/", api.TicketView.as_view(), name="api-escalation"),
    path("escalations/<str:key>/ledger/", api.LedgerView.as_view(), name="api-escalation-ledger"),
    path("escalations/<str:key>/steps/", api.StepsView.as_view(), name="api-escalation-steps"),
]
