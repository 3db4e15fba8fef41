"""The addresses of the biller's pages."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from deductibles import patient_panel
from deductibles.domain.worklists import LISTS
from deductibles.views import (
    arrivals,
    bench,
    claims,
    connections,
    entry,
    help_page,
    hold_acts,
    holds,
    nights,
    sending,
    settings,
    submissions,
    worklists,
    worth,
    worth_forecast,
)

app_name = "deductibles"
urlpatterns = [
    path("claims/", claims.claim_list, name="claims"),
    path("claims/new/", entry.claim_new, name="claim_new"),
    path("claims/hold-for-deductible/", holds.hold_page, name="holds"),
    path("claims/hold-for-deductible/queue/", holds.hold_queue, name="holds_queue"),
    path("claims/hold-for-deductible/unqueue/", holds.hold_unqueue, name="holds_unqueue"),
    path("claims/hold-for-deductible/clear/", holds.hold_clear, name="holds_clear"),
    path("claims/hold-for-deductible/acts/<row:key>/", hold_acts.hold_act, name="hold_act"),
    path("claims/hold-for-deductible/acts/<row:key>/undo/", hold_acts.hold_undo, name="hold_undo"),
    path("claims/hold-for-deductible/<row:key>/checks/", hold_acts.hold_history, name="holds_history"),
    path("claims/hold-for-deductible/help/", help_page.help_page, name="help"),
    path("claims/work/", worklists.work_lists, name="work"),
    *(path(f"claims/work/{one.key}/", worklists.work_list(one.key), name=one.url_name) for one in LISTS),
    path("claims/submissions/", submissions.submission_list, name="submissions"),
    path("claims/submissions/<row:key>/", submissions.submission_page, name="submission"),
    path("claims/submissions/<row:key>/steps/", submissions.submission_steps, name="submission_steps"),
    path("claims/submissions/<row:key>/file/", submissions.submission_file, name="submission_file"),
    path("claims/acknowledgements/", arrivals.arrival_list, name="arrivals"),
    path("claims/acknowledgements/bring/", arrivals.arrival_bring, name="arrival_bring"),
    path("claims/acknowledgements/<row:key>/", arrivals.arrival_page, name="arrival"),
    path("claims/acknowledgements/<row:key>/file/", arrivals.arrival_file, name="arrival_file"),
    path("claims/holding/", worth.ledger, name="worth"),
    path("claims/holding/file/", worth.ledger_file, name="worth_file"),
    path("claims/holding/claims/", worth.ledger_claims, name="worth_claims"),
    path("claims/holding/rates/", worth.rates, name="worth_rates"),
    path("claims/of-patient/<row:key>/", patient_panel.patient_panel, name="of_patient"),
    path("claims/holding/forecast/", worth_forecast.forecast_page, name="worth_forecast"),
    path("claims/<str:number>/", claims.claim_page, name="claim"),
    path("claims/<str:number>/edit/", entry.claim_edit, name="claim_edit"),
    path("claims/<str:number>/review/", entry.claim_review, name="claim_review"),
    path("claims/<str:number>/set-aside/<slug:kind>/", worklists.work_aside, name="work_aside"),
    path("claims/<str:number>/steps/", claims.claim_steps, name="claim_steps"),
    path("settings/deductible-monitoring/", settings.monitoring, name="settings"),
    path("settings/test-bench/claim/", bench.claim_bench, name="bench"),
    path("settings/billing-provider/", settings.provider, name="provider"),
    path("settings/sending/", sending.sending_page, name="sending"),
    path("settings/connections/", connections.connection_list, name="connections"),
    path(
        "settings/connections/ar-boost/",
        connections.connection,
        {"kind": "arboost"},
        name="connection_arboost",
    ),
    path(
        "settings/connections/clearinghouse/",
        connections.connection,
        {"kind": "clearinghouse"},
        name="connection_clearinghouse",
    ),
    path("settings/runs/", nights.run_list, name="runs"),
    path("settings/runs/<row:key>/", nights.run_page, name="run"),
]
