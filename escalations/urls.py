from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from escalations import (
    files_views,
    filing_views,
    patient_panel,
    retype_views,
    transfer_views,
    views,
    which_views,
)
from escalations.files import takes_files
from escalations.inbox import views as inbox_views

app_name = "escalations"
urlpatterns = [
    path("", views.ticket_list, name="list"),
    path("new/", takes_files(filing_views.ticket_new), name="new"),
    path("new/advice/", filing_views.ticket_advice, name="advice"),
    path("new/discard/", filing_views.draft_discard, name="discard"),
    path("which/", which_views.which, name="which"),
    path("of-patient/<row:key>/", patient_panel.patient_panel, name="of_patient"),
    path("transfers/", transfer_views.transfers, name="transfers"),
    path("transfers/panel/", transfer_views.transfer_panel, name="transfer_panel"),
    path("transfers/<row:key>/end/", transfer_views.transfer_end, name="transfer_end"),
    path("files/", files_views.files_new, name="files"),
    path("files/<str:name>/", files_views.file_whole, name="file"),
    path("files/<str:name>/thumbnail/", files_views.file_thumbnail, name="file_thumbnail"),
    path("files/<str:name>/remove/", files_views.file_remove, name="file_remove"),
    path("<str:number>/", views.ticket_page, name="ticket"),
    path("<str:number>/steps/", views.ticket_steps, name="steps"),
    path("<str:number>/watch/", inbox_views.watch, name="watch"),
    path("<str:number>/type/", takes_files(retype_views.ticket_type), name="retype"),
    path("<str:number>/links/", views.ticket_links, name="links"),
    path("<str:number>/links/<row:link>/end/", views.ticket_unlink, name="unlink"),
    path("<str:number>/files/", files_views.ticket_files, name="ticket_files"),
]
