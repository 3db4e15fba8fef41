from django.urls import path

from escalations import api
from escalations.files import takes_files

urlpatterns = [
    path("turnaround/preview/", api.PreviewView.as_view(), name="api-turnaround-preview"),
    path("escalation-types/", api.TypesView.as_view(), name="api-escalation-types"),
    path("escalations/", api.TicketsView.as_view(), name="api-escalations"),
    path("escalations/advice/", api.AdviceView.as_view(), name="api-escalation-advice"),
    path("escalations/bulk/", api.BulkView.as_view(), name="api-escalations-bulk"),
    path("escalations/<str:key>/", api.TicketView.as_view(), name="api-escalation"),
    path("escalations/<str:key>/ledger/", api.LedgerView.as_view(), name="api-escalation-ledger"),
    path("escalations/<str:key>/events/", api.EventsView.as_view(), name="api-escalation-events"),
    path("escalations/<str:key>/links/", api.LinksView.as_view(), name="api-escalation-links"),
    path("escalations/<str:key>/links/<str:link>/", api.LinkView.as_view(), name="api-escalation-link"),
    path("escalations/<str:key>/steps/", api.StepsView.as_view(), name="api-escalation-steps"),
    path(
        "escalations/<str:key>/attachments/",
        takes_files(api.TicketAttachmentsView.as_view()),
        name="api-escalation-attachments",
    ),
    path("attachments/", takes_files(api.AttachmentsView.as_view()), name="api-attachments"),
    path("attachments/<str:key>/", api.AttachmentView.as_view(), name="api-attachment"),
    path("notifications/", api.NotificationsView.as_view(), name="api-notifications"),
    path("notifications/read/", api.NotificationsReadView.as_view(), name="api-notifications-read"),
]
